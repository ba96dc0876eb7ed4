package dev.tidemark.compactor.roll;

import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import java.util.List;

/**
 * One shard's part of an hour that is over: the rows of these segments, which are [from, to).
 *
 * @param epochAfter in force at {@code to}
 * @param lastMicros the time of the last row below {@code to}
 */
public record ShardPart(
        int shard,
        long from,
        long to,
        long epochAfter,
        long lastMicros,
        List<Segment> segments,
        List<ClaimInterval> claims) {
    public ShardPart {
        segments = List.copyOf(segments);
        claims = List.copyOf(claims);
    }

    public long rows() {
        return segments.stream().mapToLong(Segment::rows).sum();
    }

    public long references() {
        return segments.stream().mapToLong(Segment::references).sum();
    }
}
