package dev.tidemark.compactor;

import dev.tidemark.schemas.kafka.LogUnreadable;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;

/** Reads a shard's {@code tidemarks} on from where it stands and hands over those that count. */
final class ControlReader {
    /** Takes the records that count, in their order. */
    interface Listener {
        void claimed(Tidemark tidemark);

        void doubted(long offset, Doubt doubt);
    }

    private final ClaimsInForce inForce = new ClaimsInForce();
    private long began;
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

    /** Reads what is there below {@code end}; what Kafka has deleted is passed over, and the rest read when called again. */
    void readTo(long end, ShardLog log, int shard, Listener listener) {
        try {
            log.readTidemarks(shard, position, end, (offset, record) -> {
                take(offset, record, listener);
                position = offset + 1;
            });
        } catch (LogUnreadable e) {
            long start = log.tidemarksStart(shard);
            if (position >= start) {
                throw e;
            }
            // Rows are what must not be skipped; later claims include the earlier. But the CLAIM of an owner may be
            // among what is gone: as at the very beginning, the highest epoch that is spoken of is in force.
            began = start;
            position = start;
            hasSeenClaim = false;
        }
    }

    private void take(long offset, ControlRecord record, Listener listener) {
        hasSeenClaim |= record instanceof Claim;
        long epoch = epochOf(record);
        // An owner may live for longer than Kafka keeps its claim. An epoch is the offset of its claim, so one below
        // where we began was claimed there; until a claim is seen the highest of those is in force.
        if (!hasSeenClaim && epoch > inForce.epochInForce() && epoch < began) {
            assume(epoch);
        }
        if (!inForce.counts(offset, record)) {
            return;
        }
        if (record instanceof Tidemark tidemark) {
            listener.claimed(tidemark);
        } else if (record instanceof Doubt doubt) {
            listener.doubted(offset, doubt);
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
