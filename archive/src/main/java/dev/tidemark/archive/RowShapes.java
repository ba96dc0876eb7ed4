package dev.tidemark.archive;

import dev.tidemark.archive.SegmentRows.RowShape;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import java.util.OptionalLong;
import org.apache.parquet.schema.MessageType;

/** The two things that are read from a segment. Strict: a value that version 1 does not write is damage. */
final class RowShapes {
    /** Everything: the row as it was in the log. */
    static final RowShape<ArchivedRow> ROWS = new RowShape<>() {
        @Override
        public MessageType columns() {
            return SegmentSchema.ALL;
        }

        @Override
        public ArchivedRow of(ColumnValues values) {
            return new ArchivedRow(values.requireLong(SegmentSchema.OFFSET), row(values));
        }
    };

    /** Times alone, without keys and values. */
    static final RowShape<RowTimes> TIMES = new RowShape<>() {
        @Override
        public MessageType columns() {
            return SegmentSchema.TIMES;
        }

        @Override
        public RowTimes of(ColumnValues values) {
            boolean isChange = values.requireText(SegmentSchema.ROW).equals(SegmentSchema.CHANGE);
            return new RowTimes(
                    values.requireLong(SegmentSchema.OFFSET),
                    values.requireLong(SegmentSchema.REDIS_TIME),
                    isChange ? OptionalLong.of(values.requireLong(SegmentSchema.TOUCHED_AFTER)) : OptionalLong.empty());
        }
    };

    private RowShapes() {}

    private static LogRow row(ColumnValues values) {
        long epoch = values.requireLong(SegmentSchema.EPOCH);
        long time = values.requireLong(SegmentSchema.REDIS_TIME);
        String kind = values.requireText(SegmentSchema.ROW);
        return switch (kind) {
            case SegmentSchema.CLAIM -> new EpochClaimed(epoch, time);
            case SegmentSchema.RESYNC_BEGIN -> new ResyncBegun(epoch, time, values.requireText(SegmentSchema.DETAIL));
            case SegmentSchema.RESYNC_END ->
                new ResyncEnded(epoch, time, values.requireLong(SegmentSchema.BEGIN_OFFSET));
            case SegmentSchema.CHANGE ->
                new Change(
                        epoch,
                        time,
                        values.requireLong(SegmentSchema.TOUCHED_AFTER),
                        Math.toIntExact(values.requireLong(SegmentSchema.DB)),
                        values.requireBytes(SegmentSchema.KEY_BYTES),
                        value(values),
                        values.number(SegmentSchema.EXPIRE_AT),
                        values.text(SegmentSchema.EVENT).orElse(""));
            default -> throw new IllegalArgumentException("no such kind of row: " + kind);
        };
    }

    private static Value value(ColumnValues values) {
        String op = values.requireText(SegmentSchema.OP);
        if (op.equals(SegmentSchema.ABSENT)) {
            return new Value.Absent();
        }
        if (!op.equals(SegmentSchema.PUT)) {
            throw new IllegalArgumentException("no such op: " + op);
        }
        String type = values.requireText(SegmentSchema.TYPE);
        return switch (type) {
            case "string" -> new Value.Text(values.requireBytes(SegmentSchema.VALUE));
            case "hash" ->
                values.fields().isEmpty()
                        ? new Value.Opaque(type, values.requireBytes(SegmentSchema.DUMP))
                        : new Value.Hash(values.fields());
            default -> new Value.Opaque(type, values.requireBytes(SegmentSchema.DUMP));
        };
    }
}
