package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a restore of one shard reads: of these segments and of this part of the log, the rows where the base
 * ends to the claim's offset.
 *
 * @param from the first offset that is read
 * @param segments oldest first
 */
public record ShardPlan(int shard, ClaimInterval claim, long from, List<Segment> segments, Optional<TailPart> tail) {
    public ShardPlan {
        Objects.requireNonNull(claim, "claim");
        segments = List.copyOf(segments);
        Objects.requireNonNull(tail, "tail");
    }

    public boolean reads(long offset) {
        return from <= offset && offset < claim.offset();
    }

    public long bytes() {
        return segments.stream().mapToLong(Segment::sizeBytes).sum();
    }

    /** At most so many rows are read from S3. */
    public long rowsMax() {
        return segments.stream().mapToLong(Segment::rows).sum();
    }
}
