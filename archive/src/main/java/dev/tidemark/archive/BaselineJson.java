package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The manifest of a baseline, version 1. */
final class BaselineJson {
    private BaselineJson() {}

    static byte[] of(Baseline baseline) {
        ObjectNode object = StrictJson.object();
        object.put("source", baseline.source());
        object.put("mode", baseline.mode().name().toLowerCase(Locale.ROOT));
        object.put("begin_us", baseline.beginMicros());
        object.put("fork_us", baseline.forkMicros());
        ArrayNode nodes = object.putArray("nodes");
        for (Node node : baseline.nodes()) {
            ObjectNode each = nodes.addObject();
            each.put("name", node.name());
            each.put("run_id", node.runId());
            each.put("repl_id", node.replId());
            each.put("watch", node.watch());
            each.put("n", node.n());
            each.put("slots", node.slots().toString());
            each.put("begin_us", node.beginMicros());
            each.put("fork_us", node.forkMicros());
            each.put("rdb_version", node.rdbVersion());
            each.put("redis_version", node.redisVersion());
            each.put("keys", node.keys());
            each.set("snapshot", file(node.snapshot()));
        }
        return StrictJson.bytes(object);
    }

    private static ObjectNode file(StoredFile file) {
        ObjectNode object = StrictJson.part();
        object.put("file", file.key().file());
        object.put("bytes", file.bytes());
        object.put("sha256", file.sha256().toHex());
        return object;
    }

    /** @throws RuntimeException when that is no manifest of a version that we know */
    static Baseline parse(BaselineKey manifest, byte[] bytes) {
        JsonNode object = StrictJson.parse(bytes, Set.of("source", "mode", "begin_us", "fork_us", "nodes"), Set.of());
        List<Node> nodes = new ArrayList<>();
        for (JsonNode each : StrictJson.array(object, "nodes")) {
            nodes.add(new Node(
                    StrictJson.text(each, "name"),
                    StrictJson.text(each, "run_id"),
                    StrictJson.text(each, "repl_id"),
                    StrictJson.text(each, "watch"),
                    StrictJson.number(each, "n"),
                    Slots.parse(StrictJson.text(each, "slots")),
                    StrictJson.number(each, "begin_us"),
                    StrictJson.number(each, "fork_us"),
                    StrictJson.integer(each, "rdb_version"),
                    StrictJson.text(each, "redis_version"),
                    StrictJson.number(each, "keys"),
                    file(manifest, each.path("snapshot"))));
        }
        Baseline baseline = new Baseline(
                manifest,
                StrictJson.text(object, "source"),
                Mode.valueOf(StrictJson.text(object, "mode").toUpperCase(Locale.ROOT)),
                nodes);
        if (baseline.beginMicros() != StrictJson.number(object, "begin_us")
                || baseline.forkMicros() != StrictJson.number(object, "fork_us")) {
            throw new IllegalArgumentException("its times are not those of its nodes");
        }
        return baseline;
    }

    private static StoredFile file(BaselineKey manifest, JsonNode object) {
        return new StoredFile(
                manifest.beside(StrictJson.text(object, "file")),
                StrictJson.number(object, "bytes"),
                Bytes.wrap(HexFormat.of().parseHex(StrictJson.text(object, "sha256"))));
    }
}
