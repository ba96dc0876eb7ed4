package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** A row as columns. */
final class SegmentRowWriter extends WriteSupport<ArchivedRow> {
    private final Binary source;
    private final int shard;
    private final ChunkColumns chunks;
    private Map<String, String> description = Map.of();
    private RecordConsumer out;

    SegmentRowWriter(String source, int shard, ChunkFields fields) {
        this.source = Binary.fromString(source);
        this.shard = shard;
        this.chunks = new ChunkColumns(fields);
    }

    /** What the footer is to say; known only when the last row has been written. */
    void describe(Map<String, String> footer) {
        this.description = footer;
    }

    // Deprecated there, and still abstract.
    @SuppressWarnings("deprecation")
    @Override
    public WriteContext init(Configuration unused) {
        return context();
    }

    @Override
    public WriteContext init(ParquetConfiguration unused) {
        return context();
    }

    private static WriteContext context() {
        return new WriteContext(SegmentSchema.ALL, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
        this.out = consumer;
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
        return new FinalizedWriteContext(description);
    }

    @Override
    public void write(ArchivedRow archived) {
        LogRow row = archived.row();
        out.startMessage();
        binary(SegmentSchema.SOURCE, source);
        integer(SegmentSchema.SHARD, shard);
        number(SegmentSchema.OFFSET, archived.offset());
        number(SegmentSchema.EPOCH, row.epoch());
        text(SegmentSchema.ROW, kind(row));
        number(SegmentSchema.REDIS_TIME, row.timeMicros());
        if (row instanceof Change change) {
            change(change);
        } else if (row instanceof ResyncBegun begun) {
            text(SegmentSchema.DETAIL, begun.reason());
        } else if (row instanceof ResyncEnded ended) {
            number(SegmentSchema.BEGIN_OFFSET, ended.beginOffset());
        } else if (row instanceof Definitions definitions) {
            bytes(SegmentSchema.VALUE, definitions.payload());
            text(SegmentSchema.DETAIL, definitions.kind());
            bytes(SegmentSchema.DIGEST, definitions.digest());
        }
        out.endMessage();
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

    private void change(Change change) {
        integer(SegmentSchema.DB, change.db());
        Optional<String> readable = change.key().asUtf8();
        readable.ifPresent(key -> text(SegmentSchema.KEY, key));
        bytes(SegmentSchema.KEY_BYTES, change.key());
        if (!change.event().isEmpty()) {
            text(SegmentSchema.EVENT, change.event());
        }
        number(SegmentSchema.TOUCHED_AFTER, change.touchedAfterMicros());
        if (change.expireAtMillis().isPresent()) {
            number(SegmentSchema.EXPIRE_AT, change.expireAtMillis().getAsLong());
        }
        Value value = change.value();
        if (value instanceof Value.Absent) {
            text(SegmentSchema.OP, SegmentSchema.ABSENT);
            return;
        }
        text(SegmentSchema.OP, SegmentSchema.PUT);
        text(SegmentSchema.TYPE, value.type());
        if (value instanceof Value.Text it) {
            bytes(SegmentSchema.VALUE, it.bytes());
        } else if (value instanceof Value.Hash it) {
            hash(it);
        } else if (value instanceof Value.Opaque it) {
            bytes(SegmentSchema.DUMP, it.dump());
        } else if (value instanceof Value.Blob it) {
            bytes(SegmentSchema.BLOB_SHA256, it.sha256());
            number(SegmentSchema.BLOB_LENGTH, it.length());
            integer(SegmentSchema.BLOB_DAY, Math.toIntExact(it.day().toEpochDay()));
        }
    }

    private void hash(Value.Hash hash) {
        ChunkColumns.Split split = chunks.split(hash);
        if (!split.fields().isEmpty()) {
            fields(split.fields());
        }
        split.values().forEach((column, value) -> {
            if (column.equals(SegmentSchema.EMBEDDING)) {
                floats(value);
                integer(SegmentSchema.DIMS, ChunkColumns.dims(value));
            } else {
                bytes(column, value);
            }
        });
        if (!split.columns().isEmpty()) {
            text(SegmentSchema.COLUMNS, split.columns());
        }
    }

    private void floats(Bytes embedding) {
        ByteBuffer floats = ChunkColumns.floats(embedding);
        start(SegmentSchema.EMBEDDING);
        out.startGroup();
        out.startField(SegmentSchema.LIST, 0);
        while (floats.hasRemaining()) {
            out.startGroup();
            out.startField(SegmentSchema.ELEMENT, 0);
            out.addFloat(floats.getFloat());
            out.endField(SegmentSchema.ELEMENT, 0);
            out.endGroup();
        }
        out.endField(SegmentSchema.LIST, 0);
        out.endGroup();
        end(SegmentSchema.EMBEDDING);
    }

    private void fields(List<Value.Field> fields) {
        start(SegmentSchema.FIELDS);
        out.startGroup();
        out.startField(SegmentSchema.FIELD_ENTRY, 0);
        for (Value.Field field : fields) {
            out.startGroup();
            out.startField(SegmentSchema.FIELD_NAME, 0);
            out.addBinary(binary(field.name()));
            out.endField(SegmentSchema.FIELD_NAME, 0);
            out.startField(SegmentSchema.FIELD_VALUE, 1);
            out.addBinary(binary(field.value()));
            out.endField(SegmentSchema.FIELD_VALUE, 1);
            out.endGroup();
        }
        out.endField(SegmentSchema.FIELD_ENTRY, 0);
        out.endGroup();
        end(SegmentSchema.FIELDS);
    }

    private void number(String column, long value) {
        start(column);
        out.addLong(value);
        end(column);
    }

    private void integer(String column, int value) {
        start(column);
        out.addInteger(value);
        end(column);
    }

    private void text(String column, String value) {
        binary(column, Binary.fromString(value));
    }

    private void bytes(String column, Bytes value) {
        binary(column, binary(value));
    }

    private void binary(String column, Binary value) {
        start(column);
        out.addBinary(value);
        end(column);
    }

    private static Binary binary(Bytes bytes) {
        return Binary.fromConstantByteArray(bytes.array());
    }

    private void start(String column) {
        out.startField(column, SegmentSchema.ALL.getFieldIndex(column));
    }

    private void end(String column) {
        out.endField(column, SegmentSchema.ALL.getFieldIndex(column));
    }
}
