package dev.tidemark.bench;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How one run is made; a benchmark takes of it what concerns it.
 *
 * @param rounds that are counted, after one that is not
 * @param chunks how many RAG chunks there are
 * @param idle how long nothing is written
 * @param tidemarkVersion for the report
 * @param progress hears a line whenever there is something to say
 */
public record BenchmarkRequest(
        int rounds, int chunks, Duration idle, String tidemarkVersion, Consumer<String> progress) {
    public static final int ROUNDS_MAX = 100;
    public static final int CHUNKS_MAX = 1_000_000;
    public static final Duration IDLE_MAX = Duration.ofDays(1);

    /** @throws IllegalArgumentException a sentence that names the option */
    public BenchmarkRequest {
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            throw new IllegalArgumentException("--rounds is %d; it may be 1 to %d".formatted(rounds, ROUNDS_MAX));
        }
        if (chunks < 1 || chunks > CHUNKS_MAX) {
            throw new IllegalArgumentException("--chunks is %d; it may be 1 to %d".formatted(chunks, CHUNKS_MAX));
        }
        if (idle.isNegative() || idle.isZero() || idle.compareTo(IDLE_MAX) > 0) {
            throw new IllegalArgumentException(
                    "--minutes is %d; it may be 1 to %d".formatted(idle.toMinutes(), IDLE_MAX.toMinutes()));
        }
        Objects.requireNonNull(tidemarkVersion, "tidemarkVersion");
        Objects.requireNonNull(progress, "progress");
    }
}
