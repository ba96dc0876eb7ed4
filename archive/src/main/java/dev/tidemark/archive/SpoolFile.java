package dev.tidemark.archive;

import java.io.IOException;
import java.io.InputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** An object that was copied to the local disk, as Parquet wants a file. */
final class SpoolFile implements InputFile {
    private final Spool spool;

    SpoolFile(Spool spool) {
        this.spool = spool;
    }

    @Override
    public long getLength() {
        return spool.sizeBytes();
    }

    @Override
    public SeekableInputStream newStream() {
        Reading reading = new Reading();
        return new DelegatingSeekableInputStream(reading) {
            @Override
            public long getPos() {
                return reading.position;
            }

            @Override
            public void seek(long position) {
                reading.position = position;
            }
        };
    }

    private final class Reading extends InputStream {
        private long position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int read = spool.readAt(position, bytes, from, length);
            if (read > 0) {
                position += read;
            }
            return read;
        }
    }
}
