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
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
