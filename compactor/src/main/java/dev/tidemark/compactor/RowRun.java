package dev.tidemark.compactor;

import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.Spool;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.log.UnreadableRecord;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Sorted rows on the local disk, in a file without a name: written once, then read once. */
final class RowRun implements Iterator<ArchivedRow>, AutoCloseable {
    private static final int BUFFER_BYTES = 128 << 10;

    private final LogRowCodec codec = new LogRowCodec();
    private final Spool spool;
    private final DataInputStream in;
    private ArchivedRow ahead;

    private RowRun(Spool spool) {
        this.spool = spool;
        this.in = new DataInputStream(new BufferedInputStream(spool.open(0, spool.sizeBytes()), BUFFER_BYTES));
        advance();
    }

    static RowRun write(Path directory, Iterator<ArchivedRow> sorted) {
        LogRowCodec codec = new LogRowCodec();
        try {
            Spool spool = Spool.in(directory);
            try {
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(spool, BUFFER_BYTES));
                while (sorted.hasNext()) {
                    ArchivedRow row = sorted.next();
                    byte[] encoded = codec.encode(row.row());
                    out.writeLong(row.offset());
                    out.writeInt(encoded.length);
                    out.write(encoded);
                }
                out.flush();
                return new RowRun(spool);
            } catch (IOException | RuntimeException e) {
                spool.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot sort an hour's rows in " + directory, e);
        }
    }

    /** The next row, which stays the next. */
    ArchivedRow peek() {
        return ahead;
    }

    @Override
    public boolean hasNext() {
        return ahead != null;
    }

    @Override
    public ArchivedRow next() {
        if (ahead == null) {
            throw new NoSuchElementException();
        }
        ArchivedRow row = ahead;
        advance();
        return row;
    }

    private void advance() {
        try {
            long offset = in.readLong();
            byte[] encoded = in.readNBytes(in.readInt());
            ahead = new ArchivedRow(offset, codec.decode(encoded));
        } catch (EOFException end) {
            ahead = null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read back an hour's sorted rows", e);
        } catch (UnreadableRecord e) {
            throw new IllegalStateException("the local disk gave back other bytes than were written", e);
        }
    }

    @Override
    public void close() {
        try {
            spool.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
