package dev.tidemark.compactor;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/** A stream thread that died is replaced, but not over and over: what fails each time is for a supervisor to see. */
final class ThreadReplacements {
    private static final int ALLOWED = 20;
    private static final Duration WITHIN = Duration.ofMinutes(10);

    private final LongSupplier nanoClock;
    private final Deque<Long> replacedNanos = new ArrayDeque<>();

    ThreadReplacements(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    synchronized boolean isOneMoreAllowed() {
        long now = nanoClock.getAsLong();
        while (!replacedNanos.isEmpty() && now - replacedNanos.peekFirst() > WITHIN.toNanos()) {
            replacedNanos.removeFirst();
        }
        if (replacedNanos.size() >= ALLOWED) {
            return false;
        }
        replacedNanos.addLast(now);
        return true;
    }
}
