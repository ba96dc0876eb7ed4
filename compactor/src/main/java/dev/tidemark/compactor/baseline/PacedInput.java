package dev.tidemark.compactor.baseline;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/** Takes no more bytes a second than it is told, so that a baseline leaves the network to others. */
final class PacedInput extends FilterInputStream {
    /** What may come at once; below it nobody sleeps. */
    private static final long BURST_NANOS = 20_000_000;

    private final long bytesPerSecond;
    private long dueNanos = System.nanoTime();

    PacedInput(InputStream in, long bytesPerSecond) {
        super(in);
        this.bytesPerSecond = bytesPerSecond;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int read = in.read(bytes, from, length);
        if (read > 0) {
            pace(read);
        }
        return read;
    }

    private void pace(int bytes) throws IOException {
        long now = System.nanoTime();
        // Nothing is saved up while there is nothing to read.
        dueNanos = Math.max(dueNanos, now - BURST_NANOS) + bytes * 1_000_000_000L / bytesPerSecond;
        long ahead = dueNanos - now;
        if (ahead > BURST_NANOS) {
            try {
                Thread.sleep(ahead / 1_000_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while a snapshot was read");
            }
        }
    }
}
