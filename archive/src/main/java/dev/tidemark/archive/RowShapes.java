package dev.tidemark.archive;

import dev.tidemark.archive.SegmentRows.RowShape;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import java.time.LocalDate;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.apache.parquet.schema.MessageType;

/** What is read from a segment. Strict: a value that no version writes is damage. */
final class RowShapes {
    /** Everything: the row as it was in the log. */
    static final RowShape<ArchivedRow> ROWS = new RowShape<>() {
        @Override
        public MessageType columns(int layout) {
            return SegmentSchema.of(layout);
        }

        @Override
        public ArchivedRow of(ColumnValues values) {
            return new ArchivedRow(values.requireLong(SegmentSchema.OFFSET), row(values, RowShapes::hash));
        }
    };

    /** The same, but a hash that is told by its fields is an opaque one with nothing in it. */
    static final RowShape<ArchivedRow> OUTLINES = new RowShape<>() {
        @Override
        public MessageType columns(int layout) {
            return SegmentSchema.outlineOf(layout);
        }

        @Override
        public ArchivedRow of(ColumnValues values) {
            return new ArchivedRow(
                    values.requireLong(SegmentSchema.OFFSET),
                    row(
                            values,
                            its -> new Value.Opaque(
                                    "hash", its.bytes(SegmentSchema.DUMP).orElseGet(Bytes::empty))));
        }
    };

    /** Times alone, without keys and values. */
    static final RowShape<RowTimes> TIMES = new RowShape<>() {
        @Override
        public MessageType columns(int layout) {
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

    /** Changes without their values; nothing for a row of another kind. */
    static final RowShape<Optional<KeyRow>> KEYS = new RowShape<>() {
        @Override
        public MessageType columns(int layout) {
            return SegmentSchema.KEYS;
        }

        @Override
        public Optional<KeyRow> of(ColumnValues values) {
            if (!values.requireText(SegmentSchema.ROW).equals(SegmentSchema.CHANGE)) {
                return Optional.empty();
            }
            boolean isPresent = isPresent(values);
            return Optional.of(new KeyRow(
                    values.requireLong(SegmentSchema.OFFSET),
                    Math.toIntExact(values.requireLong(SegmentSchema.DB)),
                    values.requireBytes(SegmentSchema.KEY_BYTES),
                    values.requireLong(SegmentSchema.REDIS_TIME),
                    values.requireLong(SegmentSchema.TOUCHED_AFTER),
                    isPresent,
                    isPresent ? values.requireText(SegmentSchema.TYPE) : new Value.Absent().type(),
                    expiry(values),
                    values.text(SegmentSchema.EVENT).orElse("")));
        }
    };

    /** The same of a roll-up, in which keys are looked up by their readable names too. */
    static final RowShape<Optional<KeyRow>> KEYS_OF_ROLL_UP = new RowShape<>() {
        @Override
        public MessageType columns(int layout) {
            return SegmentSchema.KEYS_AND_NAMES;
        }

        @Override
        public Optional<KeyRow> of(ColumnValues values) {
            return KEYS.of(values);
        }
    };

    private RowShapes() {}

    private static boolean isPresent(ColumnValues values) {
        String op = values.requireText(SegmentSchema.OP);
        if (!op.equals(SegmentSchema.ABSENT) && !op.equals(SegmentSchema.PUT)) {
            throw new IllegalArgumentException("no such op: " + op);
        }
        return op.equals(SegmentSchema.PUT);
    }

    private static OptionalLong expiry(ColumnValues values) {
        Optional<String> exact = values.text(SegmentSchema.DETAIL);
        return exact.isPresent()
                ? OptionalLong.of(Long.parseLong(exact.get()))
                : values.number(SegmentSchema.EXPIRE_AT);
    }

    private static LogRow row(ColumnValues values, Function<ColumnValues, Value> hash) {
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
                        value(values, hash),
                        expiry(values),
                        values.text(SegmentSchema.EVENT).orElse(""));
            case SegmentSchema.DEFINITIONS ->
                new Definitions(
                        epoch,
                        time,
                        values.requireText(SegmentSchema.DETAIL),
                        values.requireBytes(SegmentSchema.DIGEST),
                        values.requireBytes(SegmentSchema.VALUE));
            default -> throw new IllegalArgumentException("no such kind of row: " + kind);
        };
    }

    private static Value value(ColumnValues values, Function<ColumnValues, Value> hash) {
        if (!isPresent(values)) {
            return new Value.Absent();
        }
        String type = values.requireText(SegmentSchema.TYPE);
        OptionalLong blobLength = values.number(SegmentSchema.BLOB_LENGTH);
        if (blobLength.isPresent()) {
            return new Value.Blob(
                    type,
                    type.equals("string") ? Value.Encoding.RAW : Value.Encoding.DUMP,
                    values.requireBytes(SegmentSchema.BLOB_SHA256),
                    blobLength.getAsLong(),
                    LocalDate.ofEpochDay(values.requireLong(SegmentSchema.BLOB_DAY)));
        }
        return switch (type) {
            case "string" -> new Value.Text(values.requireBytes(SegmentSchema.VALUE));
            case "hash" -> hash.apply(values);
            default -> new Value.Opaque(type, values.requireBytes(SegmentSchema.DUMP));
        };
    }

    private static Value hash(ColumnValues values) {
        Optional<String> columns = values.text(SegmentSchema.COLUMNS);
        if (columns.isPresent()) {
            return ChunkColumns.join(columns.get(), values);
        }
        return values.fields().isEmpty()
                ? new Value.Opaque("hash", values.requireBytes(SegmentSchema.DUMP))
                : new Value.Hash(values.fields());
    }
}
