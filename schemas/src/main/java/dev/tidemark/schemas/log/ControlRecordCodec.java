package dev.tidemark.schemas.log;

import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** {@link ControlRecord}s to and from the bytes of the {@code tidemarks} topic. Safe for use by many threads. */
public final class ControlRecordCodec {
    static final String SCHEMA = "control-record";
    static final int VERSIONS = 1;

    private final WireFormat format = WireFormat.of(SCHEMA, VERSIONS);
    private final Schema record = format.newest();
    private final Schema claim = branch("Claim");
    private final Schema doubt = branch("Doubt");
    private final Schema tidemark = branch("Tidemark");
    private final Schema base = tidemark.getField("base").schema();
    private final Schema beat = tidemark.getField("nodes").schema().getElementType();

    public byte[] encode(ControlRecord value) {
        GenericRecord encoded = new GenericData.Record(record);
        encoded.put("body", body(value));
        return format.encode(encoded);
    }

    public ControlRecord decode(byte[] bytes) throws UnreadableRecord {
        GenericRecord body = (GenericRecord) format.decode(bytes).get("body");
        try {
            return record(body);
        } catch (IllegalArgumentException e) {
            throw new UnreadableRecord("a record of %d bytes decodes to no control record".formatted(bytes.length), e);
        }
    }

    private static ControlRecord record(GenericRecord body) {
        return switch (body.getSchema().getName()) {
            case "Claim" -> new Claim(body.get("owner").toString());
            case "Doubt" ->
                new Doubt(
                        (long) body.get("epoch"),
                        (long) body.get("time"),
                        body.get("reason").toString(),
                        body.get("node").toString());
            case "Tidemark" -> tidemark(body);
            default -> throw new IllegalStateException("no such control record: " + body.getSchema());
        };
    }

    private GenericRecord body(ControlRecord value) {
        if (value instanceof Tidemark it) {
            GenericRecord body = new GenericData.Record(tidemark);
            body.put("generation", it.generation());
            body.put("epoch", it.epoch());
            body.put("base", base(it.base()));
            body.put("through", it.throughMicros());
            body.put("offset", it.offset());
            body.put("exactness_us", it.exactnessMicros());
            body.put("nodes", it.nodes().stream().map(this::beat).toList());
            return body;
        }
        if (value instanceof Doubt it) {
            GenericRecord body = new GenericData.Record(doubt);
            body.put("epoch", it.epoch());
            body.put("time", it.timeMicros());
            body.put("reason", it.reason());
            body.put("node", it.node());
            return body;
        }
        GenericRecord body = new GenericData.Record(claim);
        body.put("owner", ((Claim) value).owner());
        return body;
    }

    private GenericRecord base(Base value) {
        GenericRecord encoded = new GenericData.Record(base);
        encoded.put("begin_offset", value.beginOffset());
        encoded.put("end_offset", value.endOffset());
        encoded.put("end_time", value.endMicros());
        return encoded;
    }

    private GenericRecord beat(Beat value) {
        GenericRecord encoded = new GenericData.Record(beat);
        encoded.put("node", value.node());
        encoded.put("run_id", value.runId());
        encoded.put("repl_id", value.replId());
        encoded.put("watch", value.watch());
        encoded.put("n", value.n());
        encoded.put("beat", value.beat());
        encoded.put("time", value.timeMicros());
        return encoded;
    }

    private static Tidemark tidemark(GenericRecord body) {
        GenericRecord base = (GenericRecord) body.get("base");
        List<Beat> nodes = new ArrayList<>();
        for (Object each : (List<?>) body.get("nodes")) {
            GenericRecord beat = (GenericRecord) each;
            nodes.add(new Beat(
                    beat.get("node").toString(),
                    beat.get("run_id").toString(),
                    beat.get("repl_id").toString(),
                    beat.get("watch").toString(),
                    (long) beat.get("n"),
                    (long) beat.get("beat"),
                    (long) beat.get("time")));
        }
        return new Tidemark(
                (int) body.get("generation"),
                (long) body.get("epoch"),
                new Base((long) base.get("begin_offset"), (long) base.get("end_offset"), (long) base.get("end_time")),
                (long) body.get("through"),
                (long) body.get("offset"),
                (long) body.get("exactness_us"),
                nodes);
    }

    private Schema branch(String name) {
        return record.getField("body").schema().getTypes().stream()
                .filter(schema -> schema.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
