package dev.tidemark.restorer;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts what was sent and not yet answered, and keeps whoever would send more waiting. */
final class BytesInFlight {
    private final long bytesMax;
    private final Duration silenceMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long bytes;
    private long answers;
    private Throwable failure;

    /** @param silenceMax how long to wait for the next answer while any is due */
    BytesInFlight(long bytesMax, Duration silenceMax) {
        this.bytesMax = bytesMax;
        this.silenceMax = silenceMax;
    }

    boolean isRoomFor(long size) {
        lock.lock();
        try {
            return fits(size);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is room, or until something has failed. */
    void add(long size) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (failure == null && !fits(size)) {
                awaitAnswer();
            }
            bytes += size;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is due, or until something has failed. */
    void awaitNone() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (failure == null && bytes > 0) {
                awaitAnswer();
            }
        } finally {
            lock.unlock();
        }
    }

    void answered(long size, Throwable outcome) {
        lock.lock();
        try {
            bytes -= size;
            answers++;
            if (failure == null) {
                failure = outcome;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The first thing that went wrong. */
    Optional<Throwable> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    /** Something larger than the bound goes alone. */
    private boolean fits(long size) {
        return bytes == 0 || bytes + size <= bytesMax;
    }

    private void awaitAnswer() throws InterruptedException {
        long before = answers;
        long nanos = silenceMax.toNanos();
        while (answers == before) {
            if (nanos <= 0) {
                failure = new TimeoutException("no answer for %d s".formatted(silenceMax.toSeconds()));
                return;
            }
            nanos = changed.awaitNanos(nanos);
        }
    }
}
