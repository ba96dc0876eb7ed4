package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.Hole;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What can be restored now.
 *
 * @param ranges oldest first
 * @param exactness how old, at most, a key's state is in any of them
 * @param rpoOnS3 the age of what S3 alone can restore; empty when that is nothing
 * @param rpoNow the same with the tail of the log
 * @param holes what is missing or doubled in the archive; nothing restorable needs it
 */
public record Points(
        String source,
        Instant checkedAt,
        List<TimeRange> ranges,
        Duration exactness,
        Optional<Duration> rpoOnS3,
        Optional<Duration> rpoNow,
        TailUse tail,
        List<Hole> holes,
        List<ShardPoints> shards) {
    public Points {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(checkedAt, "checkedAt");
        ranges = List.copyOf(ranges);
        Objects.requireNonNull(exactness, "exactness");
        Objects.requireNonNull(rpoOnS3, "rpoOnS3");
        Objects.requireNonNull(rpoNow, "rpoNow");
        Objects.requireNonNull(tail, "tail");
        holes = List.copyOf(holes);
        shards = List.copyOf(shards);
    }

    public Optional<Instant> latest() {
        return ranges.isEmpty()
                ? Optional.empty()
                : Optional.of(ranges.get(ranges.size() - 1).through());
    }

    /** What one shard alone could be restored to; the source can only where all can. */
    public record ShardPoints(int shard, List<TimeRange> ranges, int segments, long end) {
        public ShardPoints {
            ranges = List.copyOf(ranges);
        }
    }
}
