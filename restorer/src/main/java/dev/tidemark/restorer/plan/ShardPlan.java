package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a restore of one shard reads: of these parts of the archive and of this part of the log, the rows where the base
 * ends to the claim's offset.
 *
 * @param from the first offset that is read
 * @param parts oldest first
 */
public record ShardPlan(
        int shard, ClaimInterval claim, long from, List<? extends ArchivedRange> parts, Optional<TailPart> tail) {
    public ShardPlan {
        Objects.requireNonNull(claim, "claim");
        parts = List.copyOf(parts);
        Objects.requireNonNull(tail, "tail");
    }

    public boolean reads(long offset) {
        return from <= offset && offset < claim.offset();
    }

    public long bytes() {
        return parts.stream().mapToLong(ArchivedRange::sizeBytes).sum();
    }

    /** At most so many rows are read from S3. */
    public long rowsMax() {
        return parts.stream().mapToLong(ArchivedRange::rows).sum();
    }

    public long files() {
        return parts.stream().filter(ArchivedRange::hasFile).count();
    }

    public List<Segment> segments() {
        return parts.stream()
                .filter(Segment.class::isInstance)
                .map(Segment.class::cast)
                .toList();
    }

    public List<RollUp> rollUps() {
        return parts.stream()
                .filter(RollUp.class::isInstance)
                .map(RollUp.class::cast)
                .toList();
    }
}
