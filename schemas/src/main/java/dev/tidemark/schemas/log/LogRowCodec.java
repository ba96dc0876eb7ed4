package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** {@link LogRow}s to and from the bytes of the {@code changes} topic. Safe for use by many threads. */
public final class LogRowCodec {
    static final String SCHEMA = "log-row";
    static final int VERSIONS = 1;

    private final WireFormat format = WireFormat.of(SCHEMA, VERSIONS);
    private final Schema row = format.newest();
    private final Schema claimed = branch(row, "body", "EpochClaimed");
    private final Schema begun = branch(row, "body", "ResyncBegun");
    private final Schema ended = branch(row, "body", "ResyncEnded");
    private final Schema change = branch(row, "body", "Change");
    private final Schema text = branch(change, "value", "Text");
    private final Schema hash = branch(change, "value", "Hash");
    private final Schema field = hash.getField("fields").schema().getElementType();
    private final Schema opaque = branch(change, "value", "Opaque");

    public byte[] encode(LogRow value) {
        GenericRecord record = new GenericData.Record(row);
        record.put("epoch", value.epoch());
        record.put("time", value.timeMicros());
        record.put("body", body(value));
        return format.encode(record);
    }

    public LogRow decode(byte[] bytes) throws UnreadableRecord {
        GenericRecord record = format.decode(bytes);
        long epoch = (long) record.get("epoch");
        long time = (long) record.get("time");
        GenericRecord body = (GenericRecord) record.get("body");
        return switch (body.getSchema().getName()) {
            case "EpochClaimed" -> new EpochClaimed(epoch, time);
            case "ResyncBegun" ->
                new ResyncBegun(epoch, time, body.get("reason").toString());
            case "ResyncEnded" -> new ResyncEnded(epoch, time, (long) body.get("begin_offset"));
            case "Change" ->
                new Change(
                        epoch,
                        time,
                        (long) body.get("touched_after"),
                        (int) body.get("db"),
                        bytes(body.get("key")),
                        value(body.get("value")),
                        body.get("expire_at") instanceof Long at ? OptionalLong.of(at) : OptionalLong.empty(),
                        body.get("event").toString());
            default -> throw new IllegalStateException("no such row: " + body.getSchema());
        };
    }

    private GenericRecord body(LogRow value) {
        if (value instanceof Change it) {
            GenericRecord body = new GenericData.Record(change);
            body.put("touched_after", it.touchedAfterMicros());
            body.put("db", it.db());
            body.put("key", ByteBuffer.wrap(it.key().array()));
            body.put(
                    "expire_at",
                    it.expireAtMillis().isPresent() ? it.expireAtMillis().getAsLong() : null);
            body.put("event", it.event());
            body.put("value", value(it.value()));
            return body;
        }
        if (value instanceof ResyncBegun it) {
            GenericRecord body = new GenericData.Record(begun);
            body.put("reason", it.reason());
            return body;
        }
        if (value instanceof ResyncEnded it) {
            GenericRecord body = new GenericData.Record(ended);
            body.put("begin_offset", it.beginOffset());
            return body;
        }
        return new GenericData.Record(claimed);
    }

    private GenericRecord value(Value value) {
        if (value instanceof Value.Text it) {
            GenericRecord record = new GenericData.Record(text);
            record.put("bytes", ByteBuffer.wrap(it.bytes().array()));
            return record;
        }
        if (value instanceof Value.Hash it) {
            List<GenericRecord> fields = new ArrayList<>(it.fields().size());
            for (Value.Field each : it.fields()) {
                GenericRecord record = new GenericData.Record(field);
                record.put("name", ByteBuffer.wrap(each.name().array()));
                record.put("value", ByteBuffer.wrap(each.value().array()));
                fields.add(record);
            }
            GenericRecord record = new GenericData.Record(hash);
            record.put("fields", fields);
            return record;
        }
        if (value instanceof Value.Opaque it) {
            GenericRecord record = new GenericData.Record(opaque);
            record.put("type", it.type());
            record.put("dump", ByteBuffer.wrap(it.dump().array()));
            return record;
        }
        return null;
    }

    private static Value value(Object found) {
        if (!(found instanceof GenericRecord record)) {
            return new Value.Absent();
        }
        return switch (record.getSchema().getName()) {
            case "Text" -> new Value.Text(bytes(record.get("bytes")));
            case "Hash" -> {
                List<Value.Field> fields = new ArrayList<>();
                for (Object each : (List<?>) record.get("fields")) {
                    GenericRecord pair = (GenericRecord) each;
                    fields.add(new Value.Field(bytes(pair.get("name")), bytes(pair.get("value"))));
                }
                yield new Value.Hash(fields);
            }
            case "Opaque" -> new Value.Opaque(record.get("type").toString(), bytes(record.get("dump")));
            default -> throw new IllegalStateException("no such value: " + record.getSchema());
        };
    }

    private static Bytes bytes(Object buffer) {
        return Bytes.copyOf((ByteBuffer) buffer);
    }

    private static Schema branch(Schema record, String field, String name) {
        return record.getField(field).schema().getTypes().stream()
                .filter(schema -> schema.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
