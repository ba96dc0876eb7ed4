package dev.tidemark.restorer;

import dev.tidemark.archive.Spool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** A value while it passes through, and the next one after it: in memory up to a bound, on the disk beyond it. */
final class HeldValue extends OutputStream {
    private static final Path SPOOL_DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private static final int FIRST_BYTES = 8 << 10;

    /** For the next one; most values are small, and a large one's room is not held for them. */
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private final long memoryBytesMax;
    private final LargeTurn turn;
    private byte[] memory = new byte[FIRST_BYTES];
    private int size;
    private Spool spool;

    /** @param turn to have one that is large, which is taken here, and given back by whoever is done with the value */
    HeldValue(long memoryBytesMax, LargeTurn turn) {
        this.memoryBytesMax = memoryBytesMax;
        this.turn = turn;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        if (size + (long) length > Math.min(KEPT_BYTES_MAX, memoryBytesMax)) {
            turn.take();
        }
        if (spool == null && size + (long) length > memoryBytesMax) {
            spool = Spool.in(SPOOL_DIRECTORY);
            spool.write(memory, 0, size);
        }
        if (spool != null) {
            spool.write(bytes, from, length);
            return;
        }
        if (size + length > memory.length) {
            memory = Arrays.copyOf(memory, Math.max(size + length, 2 * memory.length));
        }
        System.arraycopy(bytes, from, memory, size, length);
        size += length;
    }

    /** All of it, if it fits in memory. */
    Optional<byte[]> bytes() {
        return spool == null ? Optional.of(Arrays.copyOf(memory, size)) : Optional.empty();
    }

    InputStream open() {
        return spool == null ? new ByteArrayInputStream(memory, 0, size) : spool.open(0, spool.sizeBytes());
    }

    /** What does not fit. The caller closes it. */
    Spool spool() {
        return spool;
    }

    /** Room for the next value. */
    void clear() throws IOException {
        close();
        spool = null;
        size = 0;
        if (memory.length > KEPT_BYTES_MAX) {
            memory = new byte[FIRST_BYTES];
        }
    }

    @Override
    public void close() throws IOException {
        if (spool != null) {
            spool.close();
        }
    }
}
