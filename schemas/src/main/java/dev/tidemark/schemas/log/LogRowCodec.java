package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.LogRow.ResyncBegun;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** {@link LogRow}s to and from the bytes of the {@code changes} topic. Safe for use by many threads. */
public final class LogRowCodec {
    static final String SCHEMA = "log-row";
    static final int VERSIONS = 2;

    private final WireFormat format = WireFormat.of(SCHEMA, VERSIONS);
    private final Schema row = format.newest();
    private final Schema claimed = branch(row, "body", "EpochClaimed");
    private final Schema begun = branch(row, "body", "ResyncBegun");
    private final Schema ended = branch(row, "body", "ResyncEnded");
    private final Schema definitions = branch(row, "body", "Definitions");
    private final ChangeEncoder changes = new ChangeEncoder(row, format.head());

    public byte[] encode(LogRow value) {
        if (value instanceof Change change) {
            return changes.encode(change);
        }
        GenericRecord record = new GenericData.Record(row);
        record.put("epoch", value.epoch());
        record.put("time", value.timeMicros());
        record.put("body", body(value));
        return format.encode(record);
    }

    public LogRow decode(byte[] bytes) throws UnreadableRecord {
        GenericRecord record = format.decode(bytes);
        try {
            return row(record);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new UnreadableRecord("a record of %d bytes decodes to no row".formatted(bytes.length), e);
        }
    }

    private static LogRow row(GenericRecord record) {
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
            case "Definitions" ->
                new Definitions(
                        epoch,
                        time,
                        body.get("kind").toString(),
                        bytes(body.get("digest")),
                        bytes(body.get("payload")));
            default -> throw new IllegalStateException("no such row: " + body.getSchema());
        };
    }

    private GenericRecord body(LogRow value) {
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
        if (value instanceof Definitions it) {
            GenericRecord body = new GenericData.Record(definitions);
            body.put("kind", it.kind());
            body.put("digest", ByteBuffer.wrap(it.digest().array()));
            body.put("payload", ByteBuffer.wrap(it.payload().array()));
            return body;
        }
        return new GenericData.Record(claimed);
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
            case "Blob" ->
                new Value.Blob(
                        record.get("type").toString(),
                        Value.Encoding.valueOf(record.get("encoding").toString()),
                        bytes(record.get("sha256")),
                        (long) record.get("length"),
                        LocalDate.ofEpochDay((int) record.get("day")));
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
