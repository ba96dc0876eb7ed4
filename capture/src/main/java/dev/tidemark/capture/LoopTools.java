package dev.tidemark.capture;

import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What all parts of the loop work with.
 *
 * @param nanoClock by which anything is waited for
 * @param connector for everything that blocks on a network
 */
record LoopTools(
        Settings settings,
        CapturedKeys keys,
        Clock clock,
        LongSupplier nanoClock,
        Mailbox mailbox,
        ValuesInFlight inFlight,
        Executor connector,
        CaptureStatus status) {
    /** A Redis clock further ahead of ours than this is not believed: dates can only be taken back by waiting. */
    private static final Duration CLOCK_AHEAD_MAX = Duration.ofSeconds(5);

    boolean isTooFarAhead(long redisMicros) {
        return redisMicros > (clock.millis() + CLOCK_AHEAD_MAX.toMillis()) * 1_000;
    }
}
