package dev.tidemark.schemas.settings;

/**
 * The bounds of a restore.
 *
 * @param keysInMemoryMax names of keys already restored that are held in memory
 * @param bytesInFlightMax of values sent to the target and not yet acknowledged
 */
public record RestorerSettings(long keysInMemoryMax, long bytesInFlightMax) {
    public static RestorerSettings defaults() {
        return new RestorerSettings(5_000_000, 32L << 20);
    }

    void report(Problems problems) {
        problems.unlessWithin("restorer.keys-in-memory-max", keysInMemoryMax, 1_000, 2_000_000_000);
        problems.unlessSizeWithin("restorer.bytes-in-flight-max", bytesInFlightMax, 1, 65_536);
    }
}
