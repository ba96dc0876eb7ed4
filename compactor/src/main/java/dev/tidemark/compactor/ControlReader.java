package dev.tidemark.compactor;

import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;
import java.util.function.Consumer;

/** Reads a shard's {@code tidemarks} on from where it stands and hands over those that count. */
final class ControlReader {
    private final ClaimsInForce inForce = new ClaimsInForce();
    private final long began;
    private boolean hasSeenClaim;
    private long position;

    private ControlReader(long began) {
        this.began = began;
        this.position = began;
    }

    static ControlReader nowhere() {
        return new ControlReader(0);
    }

    /**
     * @param epoch in force in {@code changes} at the end of the archive: the offset of the claim to begin at
     * @param logStart the first control record that Kafka still holds
     */
    static ControlReader from(long epoch, long logStart) {
        ControlReader reader = new ControlReader(Math.max(Math.max(epoch, 0), logStart));
        if (epoch != RowsInForce.NO_EPOCH && epoch < reader.began) {
            reader.assume(epoch);
        }
        return reader;
    }

    long position() {
        return position;
    }

    void skipTo(long offset) {
        position = offset;
    }

    void readTo(long end, ShardLog log, int shard, Consumer<Tidemark> sink) {
        log.readTidemarks(shard, position, end, (offset, record) -> {
            take(offset, record, sink);
            position = offset + 1;
        });
    }

    private void take(long offset, ControlRecord record, Consumer<Tidemark> sink) {
        hasSeenClaim |= record instanceof Claim;
        long epoch = epochOf(record);
        // An owner may live for longer than Kafka keeps its claim. An epoch is the offset of its claim, so one below
        // where we began was claimed there; until a claim is seen the highest of those is in force.
        if (!hasSeenClaim && epoch > inForce.epochInForce() && epoch < began) {
            assume(epoch);
        }
        if (inForce.counts(offset, record) && record instanceof Tidemark tidemark) {
            sink.accept(tidemark);
        }
    }

    private static long epochOf(ControlRecord record) {
        if (record instanceof Tidemark tidemark) {
            return tidemark.epoch();
        }
        return record instanceof Doubt doubt ? doubt.epoch() : RowsInForce.NO_EPOCH;
    }

    private void assume(long epoch) {
        inForce.counts(epoch, new Claim("deleted by retention"));
    }
}
