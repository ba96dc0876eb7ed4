package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * Bytes on this machine's disk, on their way from one place to another: written once from front to back, then read as often
 * as needed, by any number of threads.
 *
 * <p>The file is readable by its owner alone, and it loses its name as soon as it is open: whatever dies, and however,
 * nothing of a user's data stays behind.
 */
public final class Spool extends OutputStream {
    /** The system copies as much natively for each request. */
    private static final int READ_BYTES_MAX = 1 << 20;

    /** No channel: an interrupt would close that under everybody who reads. */
    private final RandomAccessFile file;

    private final MessageDigest digest = ObjectBody.newSha256();
    private long sizeBytes;
    private Bytes sha256;

    /** This machine's disk does not take it: nothing else is at fault. */
    public static final class NoPlace extends IOException {
        private static final long serialVersionUID = 1;

        private NoPlace(IOException why) {
            super(why.getMessage(), why);
        }
    }

    private Spool(RandomAccessFile file) {
        this.file = file;
    }

    /** An empty one on the disk of this directory, which must be there. */
    public static Spool in(Path directory) throws NoPlace {
        try {
            // Made by createTempFile, so that only the owner may read it from its first moment.
            Path path = Files.createTempFile(directory, "tidemark-spool-", null);
            try {
                return new Spool(new RandomAccessFile(path.toFile(), "rw"));
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new NoPlace(e);
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (sha256 != null) {
            throw new IllegalStateException("what is being read is not written any more");
        }
        try {
            synchronized (file) {
                // Whoever read has left another place.
                file.seek(sizeBytes);
                file.write(bytes, from, length);
            }
        } catch (IOException e) {
            throw new NoPlace(e);
        }
        digest.update(bytes, from, length);
        sizeBytes += length;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** Of all that was written; nothing more can be. */
    public Bytes sha256() {
        if (sha256 == null) {
            sha256 = Bytes.wrap(digest.digest());
        }
        return sha256;
    }

    /** The bytes [from, from + length), or as many of them as there are. */
    public InputStream open(long from, long length) {
        return new Part(from, Math.min(sizeBytes, from + length));
    }

    /** What there is at that position, or the first of it; -1 at the end. */
    int readAt(long position, byte[] bytes, int from, int length) throws IOException {
        synchronized (file) {
            file.seek(position);
            return file.read(bytes, from, Math.min(length, READ_BYTES_MAX));
        }
    }

    /** Gives the disk back. */
    @Override
    public void close() throws IOException {
        file.close();
    }

    private final class Part extends InputStream {
        private final long end;
        private long at;

        Part(long from, long end) {
            this.at = from;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (at >= end) {
                return length == 0 ? 0 : -1;
            }
            int read = readAt(at, bytes, from, (int) Math.min(length, end - at));
            if (read > 0) {
                at += read;
            }
            return read;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, end - at);
        }
    }
}
