package dev.tidemark.oracle;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets the writing threads through one batch at a time, so that others can pause them, stop them, or be alone.
 * Whoever is alone knows that every batch begun before is either settled or waits for its recovery.
 */
final class Gate {
    private static final long LOOK_AGAIN_MILLIS = 1_000;

    private final ReentrantReadWriteLock batches = new ReentrantReadWriteLock(true);
    private final Duration patience;
    private boolean paused = true;
    private boolean stopped;
    private Throwable failure;

    Gate(Duration patience) {
        this.patience = patience;
    }

    /** Waits while paused. Returns false when stopped; else a batch may be written until {@link #leave}. */
    boolean enter() throws InterruptedException {
        while (true) {
            synchronized (this) {
                while (paused && !stopped) {
                    wait(LOOK_AGAIN_MILLIS);
                }
                if (stopped) {
                    return false;
                }
            }
            if (enteredIfOpen()) {
                return true;
            }
        }
    }

    /** Looked at again inside: whoever paused and then was alone must not meet a batch begun after. */
    private boolean enteredIfOpen() {
        boolean entered = false;
        batches.readLock().lock();
        try {
            entered = open();
            return entered;
        } finally {
            if (!entered) {
                batches.readLock().unlock();
            }
        }
    }

    private synchronized boolean open() {
        return !paused && !stopped;
    }

    void leave() {
        batches.readLock().unlock();
    }

    /** For recovery, which goes on while paused: what is open should be settled. Ended by {@link #leave}. */
    boolean enterToRecover() {
        if (stopped()) {
            return false;
        }
        batches.readLock().lock();
        return true;
    }

    /** Alone, until {@link #release}. */
    void occupy() {
        try {
            if (batches.writeLock().tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for writes to settle", interrupted);
        }
        throw new IllegalStateException("a write was neither answered nor given up within " + patience);
    }

    void release() {
        batches.writeLock().unlock();
    }

    synchronized void pause() {
        paused = true;
    }

    synchronized void resume() {
        paused = false;
        notifyAll();
    }

    synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    synchronized boolean stopped() {
        return stopped;
    }

    /** Waits, but not once stopped. */
    synchronized void rest(Duration time) throws InterruptedException {
        long until = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0 && !stopped; left = until - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    /** Nothing may be judged once a writing thread met something that should never be. */
    synchronized void requireSound() {
        if (failure != null) {
            throw new IllegalStateException("the oracle's own writer failed: " + failure.getMessage(), failure);
        }
    }
}
