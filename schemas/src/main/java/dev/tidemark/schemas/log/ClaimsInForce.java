package dev.tidemark.schemas.log;

import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecord.Doubt;

/**
 * Which records of {@code tidemarks} count: those whose epoch is the offset of the last CLAIM before them. Records are
 * offered in offset order, from that CLAIM or from an earlier one.
 */
public final class ClaimsInForce {
    private long epoch = RowsInForce.NO_EPOCH;

    public boolean counts(long offset, ControlRecord record) {
        if (record instanceof Claim) {
            epoch = offset;
            return true;
        }
        if (record instanceof Tidemark tidemark) {
            return tidemark.epoch() == epoch;
        }
        return record instanceof Doubt doubt && doubt.epoch() == epoch;
    }

    public long epochInForce() {
        return epoch;
    }
}
