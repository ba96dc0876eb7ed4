package dev.tidemark.schemas.settings;

import java.time.Duration;
import java.util.Objects;

/**
 * The bounds of a restore, and what is asked of the archive.
 *
 * @param keysInMemoryMax names of keys already restored that are held in memory
 * @param bytesInFlightMax of values sent to the target and not yet acknowledged; also of a dump on S3 that is taken apart
 *     for the proof
 * @param readers how many shards, or blocks of a baseline, are decoded beside each other
 * @param rpoTarget how much may be lost at most before protection counts as degraded
 */
public record RestorerSettings(long keysInMemoryMax, long bytesInFlightMax, int readers, Duration rpoTarget) {
    public RestorerSettings {
        Objects.requireNonNull(rpoTarget, "rpoTarget");
    }

    public static RestorerSettings defaults() {
        return new RestorerSettings(5_000_000, 32L << 20, 2, Duration.ofMinutes(5));
    }

    void report(Problems problems) {
        problems.unlessWithin("restorer.keys-in-memory-max", keysInMemoryMax, 1_000, 2_000_000_000);
        problems.unlessSizeWithin("restorer.bytes-in-flight-max", bytesInFlightMax, 1, 65_536);
        problems.unlessWithin("restorer.readers", readers, 1, 64);
        problems.unlessWithin("restorer.rpo-target", rpoTarget, Duration.ofSeconds(1), Duration.ofDays(7));
    }
}
