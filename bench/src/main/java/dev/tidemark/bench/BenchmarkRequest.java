package dev.tidemark.bench;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How one run is made; a benchmark takes of it what concerns it.
 *
 * @param rounds that are counted, after one that is not
 * @param chunks how many RAG chunks there are
 * @param lasting how long nothing is written, or everything is disturbed
 * @param soak what a soak needs to know beside
 * @param tidemarkVersion for the report
 * @param progress hears a line whenever there is something to say
 */
public record BenchmarkRequest(
        int rounds, int chunks, Duration lasting, Soak soak, String tidemarkVersion, Consumer<String> progress) {
    public static final int ROUNDS_MAX = 100;
    public static final int CHUNKS_MAX = 1_000_000;
    public static final int CAPTURES_MAX = 4;
    public static final Duration LASTING_MAX = Duration.ofDays(1);

    /** @throws IllegalArgumentException a sentence that names the option */
    public BenchmarkRequest {
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            throw new IllegalArgumentException("--rounds is %d; it may be 1 to %d".formatted(rounds, ROUNDS_MAX));
        }
        if (chunks < 1 || chunks > CHUNKS_MAX) {
            throw new IllegalArgumentException("--chunks is %d; it may be 1 to %d".formatted(chunks, CHUNKS_MAX));
        }
        if (lasting.isNegative() || lasting.isZero() || lasting.compareTo(LASTING_MAX) > 0) {
            throw new IllegalArgumentException(
                    "--minutes is %d; it may be 1 to %d".formatted(lasting.toMinutes(), LASTING_MAX.toMinutes()));
        }
        Objects.requireNonNull(soak, "soak");
        Objects.requireNonNull(tidemarkVersion, "tidemarkVersion");
        Objects.requireNonNull(progress, "progress");
    }

    /**
     * Which faults, and how many captures stand by for each other.
     *
     * @param seed of all that is random
     */
    public record Soak(long seed, int captures) {
        public Soak {
            if (captures < 1 || captures > CAPTURES_MAX) {
                throw new IllegalArgumentException(
                        "--captures is %d; it may be 1 to %d".formatted(captures, CAPTURES_MAX));
            }
        }
    }
}
