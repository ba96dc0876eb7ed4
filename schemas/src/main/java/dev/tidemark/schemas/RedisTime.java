package dev.tidemark.schemas;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Redis's clock counts microseconds since 1970; the log and the archive keep that unit, people read instants. */
public final class RedisTime {
    private static final long MICROS_A_MILLI = 1_000;

    private RedisTime() {}

    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Of an expiry, which Redis keeps in milliseconds, however far ahead: one that no microseconds can say is never. */
    public static long microsOfMillis(long millis) {
        return millis > Long.MAX_VALUE / MICROS_A_MILLI ? Long.MAX_VALUE : millis * MICROS_A_MILLI;
    }

    public static long micros(Instant instant) {
        // Not ChronoUnit.between, which counts nanoseconds in between and overflows after the year 2262.
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    }
}
