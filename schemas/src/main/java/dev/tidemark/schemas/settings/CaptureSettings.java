package dev.tidemark.schemas.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * The pace and the bounds of capture.
 *
 * @param barrierInterval from one barrier to the next: the least exactness that can be stated
 * @param openBytesMax memory for the names of open keys; beyond it is a doubt
 * @param readsInFlightMax keys being read at once
 * @param bytesInFlightMax of values read and not yet acknowledged
 * @param inlineBytesMax of a value in the log; a larger one goes to S3 and the log refers to it
 * @param spoolDir where large values are kept on their way to S3
 * @param blobBytesPerSecond of large values read from Redis, at most
 * @param resyncKeysPerSecond at most, of each node, so that a resync leaves Redis to its users
 * @param resyncBytesPerSecond the same in bytes of values, as large as the values read last were on average
 * @param resyncInterval the age at which a base is renewed by a resync that no doubt asked for; zero never does
 */
public record CaptureSettings(
        Duration barrierInterval,
        long openBytesMax,
        int readsInFlightMax,
        long bytesInFlightMax,
        long inlineBytesMax,
        Path spoolDir,
        long blobBytesPerSecond,
        int resyncKeysPerSecond,
        long resyncBytesPerSecond,
        Duration resyncInterval) {
    public CaptureSettings {
        Objects.requireNonNull(barrierInterval, "barrierInterval");
        Objects.requireNonNull(spoolDir, "spoolDir");
        Objects.requireNonNull(resyncInterval, "resyncInterval");
    }

    public static CaptureSettings defaults() {
        Path spoolDir = Path.of(System.getProperty("java.io.tmpdir"));
        return new CaptureSettings(
                Duration.ofSeconds(1),
                96L << 20,
                4_096,
                32L << 20,
                900L << 10,
                spoolDir,
                64L << 20,
                50_000,
                64L << 20,
                Duration.ZERO);
    }

    void report(Problems problems) {
        problems.unlessWithin(
                "capture.barrier-interval", barrierInterval, Duration.ofMillis(50), Duration.ofMinutes(1));
        problems.unlessSizeWithin("capture.open-bytes-max", openBytesMax, 1, 65_536);
        problems.unlessWithin("capture.reads-in-flight-max", readsInFlightMax, 1, 100_000);
        problems.unlessSizeWithin("capture.bytes-in-flight-max", bytesInFlightMax, 1, 65_536);
        problems.unless(
                inlineBytesMax >= 1 << 10 && inlineBytesMax <= 16 << 20,
                "capture.inline-bytes-max is " + inlineBytesMax + " bytes; it may be 1KiB to 16MiB");
        problems.unlessSizeWithin("capture.blob-bytes-per-second", blobBytesPerSecond, 1, 65_536);
        problems.unlessWithin("capture.resync-keys-per-second", resyncKeysPerSecond, 1, 10_000_000);
        problems.unlessSizeWithin("capture.resync-bytes-per-second", resyncBytesPerSecond, 1, 65_536);
        if (!resyncInterval.isZero()) {
            problems.unlessWithin(
                    "capture.resync-interval", resyncInterval, Duration.ofSeconds(1), Duration.ofDays(365));
        }
    }
}
