package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import org.apache.parquet.io.api.Binary;

/** A row as columns. */
final class RowColumns {
    private final Binary source;
    private final int shard;
    private final ChunkColumns chunks;

    RowColumns(String source, int shard, ChunkFields fields) {
        this.source = Binary.fromString(source);
        this.shard = shard;
        this.chunks = new ChunkColumns(fields);
    }

    void write(ArchivedRow archived, RowGroup into) {
        LogRow row = archived.row();
        into.binary(SegmentSchema.SOURCE, source);
        into.integer(SegmentSchema.SHARD, shard);
        into.number(SegmentSchema.OFFSET, archived.offset());
        into.number(SegmentSchema.EPOCH, row.epoch());
        text(into, SegmentSchema.ROW, kind(row));
        into.number(SegmentSchema.REDIS_TIME, row.timeMicros());
        if (row instanceof Change change) {
            change(change, into);
        } else if (row instanceof ResyncBegun begun) {
            text(into, SegmentSchema.DETAIL, begun.reason());
        } else if (row instanceof ResyncEnded ended) {
            into.number(SegmentSchema.BEGIN_OFFSET, ended.beginOffset());
        } else if (row instanceof Definitions definitions) {
            bytes(into, SegmentSchema.VALUE, definitions.payload());
            text(into, SegmentSchema.DETAIL, definitions.kind());
            bytes(into, SegmentSchema.DIGEST, definitions.digest());
        }
        into.endRow();
    }

    private static String kind(LogRow row) {
        if (row instanceof Change) {
            return SegmentSchema.CHANGE;
        }
        if (row instanceof ResyncBegun) {
            return SegmentSchema.RESYNC_BEGIN;
        }
        if (row instanceof Definitions) {
            return SegmentSchema.DEFINITIONS;
        }
        return row instanceof ResyncEnded ? SegmentSchema.RESYNC_END : SegmentSchema.CLAIM;
    }

    private void change(Change change, RowGroup into) {
        into.integer(SegmentSchema.DB, change.db());
        if (change.key().isUtf8()) {
            bytes(into, SegmentSchema.KEY, change.key());
        }
        bytes(into, SegmentSchema.KEY_BYTES, change.key());
        if (!change.event().isEmpty()) {
            text(into, SegmentSchema.EVENT, change.event());
        }
        into.number(SegmentSchema.TOUCHED_AFTER, change.touchedAfterMicros());
        if (change.expireAtMillis().isPresent()) {
            expiry(change.expireAtMillis().getAsLong(), into);
        }
        Value value = change.value();
        if (value instanceof Value.Absent) {
            text(into, SegmentSchema.OP, SegmentSchema.ABSENT);
            return;
        }
        text(into, SegmentSchema.OP, SegmentSchema.PUT);
        text(into, SegmentSchema.TYPE, value.type());
        if (value instanceof Value.Text it) {
            bytes(into, SegmentSchema.VALUE, it.bytes());
        } else if (value instanceof Value.Hash it) {
            hash(it, into);
        } else if (value instanceof Value.Opaque it) {
            bytes(into, SegmentSchema.DUMP, it.dump());
        } else if (value instanceof Value.Blob it) {
            bytes(into, SegmentSchema.BLOB_SHA256, it.sha256());
            into.number(SegmentSchema.BLOB_LENGTH, it.length());
            into.integer(SegmentSchema.BLOB_DAY, Math.toIntExact(it.day().toEpochDay()));
        }
    }

    private static void expiry(long millis, RowGroup into) {
        into.number(SegmentSchema.EXPIRE_AT, Math.min(millis, SegmentSchema.EXPIRE_AT_MAX));
        if (millis > SegmentSchema.EXPIRE_AT_MAX) {
            text(into, SegmentSchema.DETAIL, Long.toString(millis));
        }
    }

    private void hash(Value.Hash hash, RowGroup into) {
        ChunkColumns.Split split = chunks.split(hash);
        if (!split.fields().isEmpty()) {
            into.fields(split.fields());
        }
        split.values().forEach((column, value) -> {
            if (column.equals(SegmentSchema.EMBEDDING)) {
                into.embedding(value);
                into.integer(SegmentSchema.DIMS, ChunkColumns.dims(value));
            } else {
                bytes(into, column, value);
            }
        });
        if (!split.columns().isEmpty()) {
            text(into, SegmentSchema.COLUMNS, split.columns());
        }
    }

    private static void text(RowGroup into, String column, String value) {
        into.binary(column, Binary.fromString(value));
    }

    private static void bytes(RowGroup into, String column, Bytes value) {
        into.binary(column, Binary.fromConstantByteArray(value.array()));
    }
}
