package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A large value on this machine's disk, on its way from one place to another: written once from front to back, then read
 * as often as needed, by any number of threads.
 *
 * <p>The file is readable by its owner alone, and it loses its name as soon as it is open: whatever dies, and however,
 * nothing of a user's data stays behind.
 */
public final class Spool extends OutputStream {
    private final FileChannel file;
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

    private Spool(FileChannel file) {
        this.file = file;
    }

    /** An empty one on the disk of this directory, which must be there. */
    public static Spool in(Path directory) throws NoPlace {
        try {
            // Made by createTempFile, so that only the owner may read it from its first moment.
            Path path = Files.createTempFile(directory, "tidemark-spool-", null);
            try {
                return new Spool(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
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
        ByteBuffer buffer = ByteBuffer.wrap(bytes, from, length);
        try {
            while (buffer.hasRemaining()) {
                file.write(buffer);
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
            int read = file.read(ByteBuffer.wrap(bytes, from, (int) Math.min(length, end - at)), at);
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
