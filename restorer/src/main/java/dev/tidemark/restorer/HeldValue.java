package dev.tidemark.restorer;

import dev.tidemark.archive.Spool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/** A value while it passes through: in memory up to a bound, on the disk beyond it. */
final class HeldValue extends OutputStream {
    private static final Path SPOOL_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private final long memoryBytesMax;
    private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private Spool spool;

    HeldValue(long memoryBytesMax) {
        this.memoryBytesMax = memoryBytesMax;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (spool == null && memory.size() + (long) length > memoryBytesMax) {
            spool = Spool.in(SPOOL_DIRECTORY);
            memory.writeTo(spool);
            memory.reset();
        }
        if (spool == null) {
            memory.write(bytes, from, length);
        } else {
            spool.write(bytes, from, length);
        }
    }

    /** All of it, if it fits in memory. */
    Optional<byte[]> bytes() {
        return spool == null ? Optional.of(memory.toByteArray()) : Optional.empty();
    }

    InputStream open() {
        return spool == null ? new ByteArrayInputStream(memory.toByteArray()) : spool.open(0, spool.sizeBytes());
    }

    /** What does not fit. The caller closes it. */
    Spool spool() {
        return spool;
    }

    @Override
    public void close() throws IOException {
        if (spool != null) {
            spool.close();
        }
    }
}
