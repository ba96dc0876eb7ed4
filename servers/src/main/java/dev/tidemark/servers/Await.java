package dev.tidemark.servers;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, never for an amount of time; gives up at a deadline and says what it waited for. */
public final class Await {
    private static final long FIRST_PAUSE_MILLIS = 2;
    private static final long LONGEST_PAUSE_MILLIS = 50;
    private static final long SELDOM_PAUSE_MILLIS = 400;

    private Await() {}

    /**
     * Returns as soon as the condition holds. It is looked at once more when the time is up, so that a machine
     * that stood still for a while does not fail a wait which was in fact over.
     */
    public static void until(Duration limit, BooleanSupplier condition, String what) {
        value(limit, LONGEST_PAUSE_MILLIS, whether(condition), what);
    }

    /** The same for whoever measures how long it takes: looks every other millisecond to the end. */
    public static void closely(Duration limit, BooleanSupplier condition, String what) {
        value(limit, FIRST_PAUSE_MILLIS, whether(condition), what);
    }

    private static Supplier<Optional<Boolean>> whether(BooleanSupplier condition) {
        Objects.requireNonNull(condition, "condition");
        return () -> condition.getAsBoolean() ? Optional.of(Boolean.TRUE) : Optional.empty();
    }

    /** Returns the first value that the source offers. */
    public static <T> T value(Duration limit, Supplier<Optional<T>> source, String what) {
        return value(limit, LONGEST_PAUSE_MILLIS, source, what);
    }

    /** The same where looking is work, for this machine and for those who are waited for. */
    public static <T> T seldom(Duration limit, Supplier<Optional<T>> source, String what) {
        return value(limit, SELDOM_PAUSE_MILLIS, source, what);
    }

    private static <T> T value(Duration limit, long longestPauseMillis, Supplier<Optional<T>> source, String what) {
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(what, "what");
        long deadline = System.nanoTime() + limit.toNanos();
        long pauseMillis = FIRST_PAUSE_MILLIS;
        while (true) {
            boolean late = System.nanoTime() - deadline >= 0;
            Optional<T> found = source.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (late) {
                throw new TimedOut("waited %d ms in vain until %s".formatted(limit.toMillis(), what));
            }
            pause(pauseMillis, what);
            pauseMillis = Math.min(pauseMillis * 2, longestPauseMillis);
        }
    }

    private static void pause(long millis, String what) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimedOut("interrupted while waiting until " + what);
        }
    }

    /** The condition did not come true in time. */
    public static final class TimedOut extends RuntimeException {
        TimedOut(String message) {
            super(message);
        }
    }
}
