package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The segment that is now complete: the rows that were handed out since the cut before it.
 *
 * @param sizeBytes of its rows as they were in the log, roughly
 * @param leaderEpoch of Kafka, under which the record before {@code end} was written, if that is known
 */
public record Cut(
        SegmentKey key,
        long end,
        long epochAfter,
        long lastMicros,
        long rows,
        long sizeBytes,
        List<ClaimInterval> claims,
        OptionalInt leaderEpoch) {
    public Cut {
        Objects.requireNonNull(key, "key");
        claims = List.copyOf(claims);
        Objects.requireNonNull(leaderEpoch, "leaderEpoch");
        if (end <= key.frontier()) {
            throw new IllegalArgumentException(key.path() + " cannot end at offset " + end);
        }
    }

    ChainEnd chainEnd() {
        return new ChainEnd(
                key.shard(), key.generation(), end, epochAfter, lastMicros, Optional.of(key.hour()), leaderEpoch);
    }
}
