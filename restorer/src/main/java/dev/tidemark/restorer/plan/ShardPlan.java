package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a restore of one shard reads: of these segments and of this part of the log, the rows from the base's beginning
 * to the claim's offset.
 *
 * @param segments oldest first
 */
public record ShardPlan(int shard, ClaimInterval claim, List<Segment> segments, Optional<TailPart> tail) {
    public ShardPlan {
        Objects.requireNonNull(claim, "claim");
        segments = List.copyOf(segments);
        Objects.requireNonNull(tail, "tail");
    }

    public boolean reads(long offset) {
        return claim.base().beginOffset() <= offset && offset < claim.offset();
    }

    public long bytes() {
        return segments.stream().mapToLong(Segment::sizeBytes).sum();
    }

    /** At most so many rows are read from S3. */
    public long rowsMax() {
        return segments.stream().mapToLong(Segment::rows).sum();
    }
}
