package dev.tidemark.servers;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** The line that all connections of one {@link FaultProxy} share in one direction: how fast, how late, whether at all. */
final class Link {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Duration latency = Duration.ZERO;
    private long bytesPerSecond = Long.MAX_VALUE;
    private boolean hole;
    private boolean closed;
    private long lineFreeNanos = System.nanoTime();

    void latency(Duration value) {
        change(() -> latency = value);
    }

    void bytesPerSecond(long value) {
        change(() -> {
            bytesPerSecond = value;
            // Whoever waits for a slow line reckons anew on the new one.
            lineFreeNanos = System.nanoTime();
        });
    }

    void hole(boolean value) {
        change(() -> hole = value);
    }

    void close() {
        change(() -> closed = true);
    }

    /** Makes everybody who waits look again whether he still wants to. */
    void wake() {
        change(() -> {});
    }

    /** Returns when nothing swallows what is sent, or the sender has given up. */
    void awaitThrough(BooleanSupplier givenUp) throws InterruptedException {
        lock.lock();
        try {
            while (hole && !closed && !givenUp.getAsBoolean()) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns when bytes that were sent at {@code sentNanos} arrive at the other end, or the sender has given up. */
    void carry(int bytes, long sentNanos, BooleanSupplier givenUp) throws InterruptedException {
        lock.lock();
        try {
            occupyLine(bytes, givenUp);
            while (!closed && !givenUp.getAsBoolean() && (hole || leftNanos(sentNanos) > 0)) {
                if (hole) {
                    changed.await();
                } else {
                    changed.awaitNanos(leftNanos(sentNanos));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void occupyLine(int bytes, BooleanSupplier givenUp) throws InterruptedException {
        while (!closed && !givenUp.getAsBoolean()) {
            long now = System.nanoTime();
            if (bytesPerSecond == Long.MAX_VALUE) {
                return;
            }
            if (lineFreeNanos - now <= 0) {
                lineFreeNanos = now + bytes * 1_000_000_000L / bytesPerSecond;
                return;
            }
            changed.awaitNanos(lineFreeNanos - now);
        }
    }

    private long leftNanos(long sentNanos) {
        return sentNanos + latency.toNanos() - System.nanoTime();
    }

    private void change(Runnable what) {
        lock.lock();
        try {
            what.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
