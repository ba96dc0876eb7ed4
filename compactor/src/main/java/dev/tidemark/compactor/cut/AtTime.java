package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;

/**
 * A row with its time raised to that of the row before it. A new owner's claim may be dated before the last row of the
 * old one; in a segment times never go back, and every writer raises them alike.
 */
final class AtTime {
    private AtTime() {}

    static LogRow of(LogRow row, long micros) {
        if (row.timeMicros() == micros) {
            return row;
        }
        if (row instanceof Change it) {
            return new Change(
                    it.epoch(),
                    micros,
                    it.touchedAfterMicros(),
                    it.db(),
                    it.key(),
                    it.value(),
                    it.expireAtMillis(),
                    it.event());
        }
        if (row instanceof ResyncBegun it) {
            return new ResyncBegun(it.epoch(), micros, it.reason());
        }
        if (row instanceof ResyncEnded it) {
            return new ResyncEnded(it.epoch(), micros, it.beginOffset());
        }
        if (row instanceof Definitions it) {
            return new Definitions(it.epoch(), micros, it.kind(), it.digest(), it.payload());
        }
        return new EpochClaimed(row.epoch(), micros);
    }
}
