package dev.tidemark.capture;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/** So many bytes a second for all who share it; whoever was too fast waits. */
final class Pace {
    private final long bytesPerSecond;
    private long freeNanos = System.nanoTime();

    Pace(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** After so many bytes. */
    void took(int bytes) throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(due(bytes));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while pacing");
        }
    }

    private synchronized long due(int bytes) {
        long now = System.nanoTime();
        // What was not used while nothing was read is not saved up for a burst.
        freeNanos = Math.max(freeNanos, now) + TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecond;
        return freeNanos - now;
    }
}
