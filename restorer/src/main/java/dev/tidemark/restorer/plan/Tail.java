package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ClaimInterval;
import java.util.List;

/**
 * A shard's log as Kafka holds it.
 *
 * @param logStart the first offset of {@code changes} that is still there
 * @param logEnd one past the last
 * @param claims the tidemarks that count, oldest first
 */
public record Tail(long logStart, long logEnd, List<ClaimInterval> claims) {
    public Tail {
        claims = List.copyOf(claims);
        if (logStart < 0 || logEnd < logStart) {
            throw new IllegalArgumentException("a log cannot reach from offset " + logStart + " to " + logEnd);
        }
    }
}
