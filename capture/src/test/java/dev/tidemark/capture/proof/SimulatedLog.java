package dev.tidemark.capture.proof;

import dev.tidemark.capture.proof.ShardProof.Next;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.Tidemark;
import java.util.ArrayList;
import java.util.List;

/** Both topics of one shard: rows with their epochs, and who claimed what. Everybody may write; only some of it counts. */
final class SimulatedLog {
    /** A row of {@code changes}; {@code key} is negative for one that tells no key's state. */
    record Row(long epoch, boolean claimsEpoch, long time, long touchedAfter, int key, int version) {}

    private final List<Row> rows = new ArrayList<>();
    private final List<ControlRecord> controls = new ArrayList<>();

    long append(Row row) {
        rows.add(row);
        return rows.size() - 1L;
    }

    long append(ControlRecord record) {
        controls.add(record);
        return controls.size() - 1L;
    }

    Tidemark tidemark(long epoch, Next.Claim claim) {
        return new Tidemark(
                1, epoch, claim.base(), claim.throughMicros(), claim.offset(), claim.exactnessMicros(), claim.nodes());
    }

    int controlsEnd() {
        return controls.size();
    }

    ControlRecord control(int offset) {
        return controls.get(offset);
    }

    /** The latest time of any row at or behind an offset. */
    long latestFrom(long offset) {
        return rows.subList((int) offset, rows.size()).stream()
                .mapToLong(Row::time)
                .max()
                .orElse(0);
    }

    /** A row that a higher epoch made void is null. */
    List<Row> rowsThatCount() {
        List<Row> counted = new ArrayList<>();
        long highest = -1;
        for (Row row : rows) {
            if (row.claimsEpoch()) {
                highest = Math.max(highest, row.epoch());
            }
            counted.add(row.epoch() == highest ? row : null);
        }
        return counted;
    }

    List<Tidemark> tidemarksThatCount() {
        List<Tidemark> counted = new ArrayList<>();
        ClaimsInForce inForce = new ClaimsInForce();
        for (int offset = 0; offset < controls.size(); offset++) {
            ControlRecord record = controls.get(offset);
            if (inForce.counts(offset, record) && record instanceof Tidemark tidemark) {
                counted.add(tidemark);
            }
        }
        return counted;
    }
}
