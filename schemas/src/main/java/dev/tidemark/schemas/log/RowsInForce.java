package dev.tidemark.schemas.log;

import dev.tidemark.schemas.log.LogRow.EpochClaimed;

/**
 * Which rows of a shard count: those whose epoch is the highest one claimed before them. Rows are offered in offset
 * order; a reader that begins in the middle gives the epoch in force there.
 */
public final class RowsInForce {
    /** Below every epoch, for a reader that begins where the log began. */
    public static final long NO_EPOCH = -1;

    private long epoch;

    public RowsInForce(long epochInForce) {
        this.epoch = epochInForce;
    }

    public boolean counts(LogRow row) {
        if (row instanceof EpochClaimed claimed) {
            // A fenced writer's late claim must not fence the one that fenced it.
            if (claimed.epoch() <= epoch) {
                return false;
            }
            epoch = claimed.epoch();
            return true;
        }
        return row.epoch() == epoch;
    }

    public long epochInForce() {
        return epoch;
    }
}
