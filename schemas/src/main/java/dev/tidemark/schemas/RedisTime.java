package dev.tidemark.schemas;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Redis's clock counts microseconds since 1970; the log and the archive keep that unit, people read instants. */
public final class RedisTime {
    private RedisTime() {}

    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    public static long micros(Instant instant) {
        // Not ChronoUnit.between, which counts nanoseconds in between and overflows after the year 2262.
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    }
}
