package dev.tidemark.schemas.settings;

import java.time.Duration;
import java.util.Objects;

/**
 * The pace and the bounds of capture.
 *
 * @param barrierInterval from one barrier to the next: the least exactness that can be stated
 * @param openBytesMax memory for the names of open keys; beyond it is a doubt
 * @param readsInFlightMax keys being read at once
 * @param bytesInFlightMax of values read and not yet acknowledged
 * @param valueBytesMax of one value; a larger one is an error that names no key
 * @param resyncKeysPerSecond at most, so that a resync leaves Redis to its users
 */
public record CaptureSettings(
        Duration barrierInterval,
        long openBytesMax,
        int readsInFlightMax,
        long bytesInFlightMax,
        long valueBytesMax,
        int resyncKeysPerSecond) {
    public CaptureSettings {
        Objects.requireNonNull(barrierInterval, "barrierInterval");
    }

    public static CaptureSettings defaults() {
        return new CaptureSettings(Duration.ofSeconds(1), 64L << 20, 512, 32L << 20, 16L << 20, 50_000);
    }

    void report(Problems problems) {
        problems.unlessWithin(
                "capture.barrier-interval", barrierInterval, Duration.ofMillis(50), Duration.ofMinutes(1));
        problems.unlessSizeWithin("capture.open-bytes-max", openBytesMax, 1, 65_536);
        problems.unlessWithin("capture.reads-in-flight-max", readsInFlightMax, 1, 100_000);
        problems.unlessSizeWithin("capture.bytes-in-flight-max", bytesInFlightMax, 1, 65_536);
        problems.unlessSizeWithin("capture.value-bytes-max", valueBytesMax, 1, 512);
        problems.unlessWithin("capture.resync-keys-per-second", resyncKeysPerSecond, 1, 10_000_000);
    }
}
