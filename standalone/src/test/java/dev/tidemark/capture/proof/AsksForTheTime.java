package dev.tidemark.capture.proof;

import java.time.Clock;
import java.time.Instant;

/** Breaks a rule on purpose, in four ways. */
final class AsksForTheTime {
    private AsksForTheTime() {}

    static Instant byInstant() {
        return Instant.now();
    }

    static long bySystem() {
        return System.nanoTime();
    }

    static long byClock(Clock clock) {
        return clock.millis();
    }

    static void byWaiting() {
        Thread.onSpinWait();
    }
}
