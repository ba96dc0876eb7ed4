package dev.tidemark.schemas.layout;

import java.util.List;
import java.util.Objects;

/**
 * That an hour is rolled up: from now on its rows are read from {@code changes/} and no longer from {@code segments/}.
 * One a hour, create-only, in the order of the hours, each written after the files it speaks of.
 *
 * @param stampMicros by the writer's clock, after all files were acknowledged; readers let it settle
 * @param shards all of the source's, by number
 */
public record HourMarker(Hour hour, long stampMicros, List<RollUp> shards) {
    public HourMarker {
        Objects.requireNonNull(hour, "hour");
        shards = List.copyOf(shards);
        for (int shard = 0; shard < shards.size(); shard++) {
            if (shards.get(shard).key().shard() != shard
                    || !shards.get(shard).key().hour().equals(hour)) {
                throw new IllegalArgumentException("the marker of %s has %s in place %d"
                        .formatted(hour, shards.get(shard).key().path(), shard));
            }
        }
        if (shards.isEmpty()) {
            throw new IllegalArgumentException("the marker of " + hour + " speaks of no shard");
        }
    }
}
