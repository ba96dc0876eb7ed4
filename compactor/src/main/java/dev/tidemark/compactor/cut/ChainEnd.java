package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.RowsInForce;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a shard's unbroken chain of segments ends, and all that the next segment's identity follows from.
 *
 * @param offset the frontier: where the next segment starts
 * @param epoch in force there in {@code changes}
 * @param lastMicros the time of the last row below it, which no later row's time may precede
 * @param hour of the last segment; empty while there is none
 * @param leaderEpoch of Kafka, under which the record below {@code offset} was written, if that is known
 */
public record ChainEnd(
        int shard,
        int generation,
        long offset,
        long epoch,
        long lastMicros,
        Optional<Hour> hour,
        OptionalInt leaderEpoch) {
    public ChainEnd {
        Objects.requireNonNull(hour, "hour");
        Objects.requireNonNull(leaderEpoch, "leaderEpoch");
    }

    /** Of a shard without segments: where its log begins. */
    public static ChainEnd beginning(int shard, int generation) {
        return new ChainEnd(shard, generation, 0, RowsInForce.NO_EPOCH, 0, Optional.empty(), OptionalInt.empty());
    }

    public static ChainEnd after(Segment segment) {
        return new ChainEnd(
                segment.key().shard(),
                segment.key().generation(),
                segment.end(),
                segment.epochAfter(),
                segment.lastMicros(),
                Optional.of(segment.key().hour()),
                segment.leaderEpoch());
    }
}
