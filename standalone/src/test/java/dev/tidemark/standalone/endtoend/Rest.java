package dev.tidemark.standalone.endtoend;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The length of a disaster itself; nothing is waited for here. */
final class Rest {
    private Rest() {}

    static void of(Duration length) {
        long until = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
