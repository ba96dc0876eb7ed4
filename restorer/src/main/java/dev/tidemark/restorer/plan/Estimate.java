package dev.tidemark.restorer.plan;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a restore will take. What it costs to read and to write follows from its bytes and its changes; how fast this
 * machine, this store and a server are, from the last restore that was measured here.
 */
public final class Estimate {
    /** What one connection was seen to write and this code to decode, on two slow cores. */
    private static final double BYTES_A_SECOND = 20_000_000;

    private static final double ROWS_A_SECOND = 20_000;

    /** Connections, locks, the first answers; every restore has that. */
    private static final double SECONDS_AT_LEAST = 1;

    /** A measure further off than this tells of a machine that was asleep, or of a clock. */
    private static final double FACTOR_MAX = 50;

    private Estimate() {}

    /**
     * A restore that was done.
     *
     * @param took from the decision until the proof
     */
    public record Measured(long bytes, long rows, Duration took) {}

    /**
     * How long a restore of so much will take.
     *
     * @param last without one, by figures of another machine
     */
    public static Duration of(long bytes, long rows, Optional<Measured> last) {
        double factor = last.map(Estimate::factor).orElse(1.0);
        return Duration.ofMillis((long) (1_000 * factor * seconds(bytes, rows)));
    }

    private static double factor(Measured last) {
        double factor = last.took().toMillis() / 1e3 / seconds(last.bytes(), last.rows());
        return Math.min(FACTOR_MAX, Math.max(1 / FACTOR_MAX, factor));
    }

    private static double seconds(long bytes, long rows) {
        return SECONDS_AT_LEAST + Math.max(bytes / BYTES_A_SECOND, rows / ROWS_A_SECOND);
    }
}
