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
 * @param gaps the times between the ranges
 * @param exactness how old, at most, a key's state is in any of them
 * @param rpoOnS3 the age of what S3 alone can restore; empty when that is nothing
 * @param rpoNow the same with the tail of the log
 * @param newestBaseline when the newest one that is whole was begun
 * @param holes what is missing or doubled in the archive; nothing restorable needs it
 */
public record Points(
        String source,
        Instant checkedAt,
        List<TimeRange> ranges,
        List<Unrestorable> gaps,
        Duration exactness,
        Optional<Duration> rpoOnS3,
        Optional<Duration> rpoNow,
        TailUse tail,
        Optional<Instant> newestBaseline,
        List<Hole> holes,
        List<ShardPoints> shards) {
    public Points {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(checkedAt, "checkedAt");
        ranges = List.copyOf(ranges);
        gaps = List.copyOf(gaps);
        Objects.requireNonNull(exactness, "exactness");
        Objects.requireNonNull(rpoOnS3, "rpoOnS3");
        Objects.requireNonNull(rpoNow, "rpoNow");
        Objects.requireNonNull(tail, "tail");
        Objects.requireNonNull(newestBaseline, "newestBaseline");
        holes = List.copyOf(holes);
        shards = List.copyOf(shards);
    }

    public Optional<Instant> latest() {
        return ranges.isEmpty()
                ? Optional.empty()
                : Optional.of(ranges.get(ranges.size() - 1).through());
    }

    /**
     * Times that cannot be restored though earlier and later ones can: later than the one, earlier than the other.
     *
     * @param reasons the first ones, as far as the archive tells; none is no sign of anything
     */
    public record Unrestorable(Instant after, Instant before, List<Reason> reasons) {
        public Unrestorable {
            Objects.requireNonNull(after, "after");
            Objects.requireNonNull(before, "before");
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * Why nothing could be claimed.
     *
     * @param at by capture's own clock
     * @param node of Redis that it is about
     */
    public record Reason(Instant at, String node, String reason) {
        public Reason {
            Objects.requireNonNull(at, "at");
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** What one shard alone could be restored to; the source can only where all can. */
    public record ShardPoints(int shard, List<TimeRange> ranges, int segments, long end) {
        public ShardPoints {
            ranges = List.copyOf(ranges);
        }
    }
}
