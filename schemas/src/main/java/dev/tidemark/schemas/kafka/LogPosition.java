package dev.tidemark.schemas.kafka;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * Where a reader of a shard's log goes on. A log whose end was lost and written anew has other records at the same offsets; the
 * epoch tells, for a new leader writes under a new one.
 *
 * @param offset of the record to be read next
 * @param leaderEpoch under which the record before it was written; empty where nothing was read or nobody noted it
 */
public record LogPosition(long offset, OptionalInt leaderEpoch) {
    public LogPosition {
        Objects.requireNonNull(leaderEpoch, "leaderEpoch");
    }
}
