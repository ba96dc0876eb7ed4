package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import java.util.Set;

/** Which Kafka topics a generation of the log is, version 1. */
final class LogJson {
    private LogJson() {}

    static byte[] of(TopicIds topics) {
        ObjectNode object = StrictJson.object();
        object.put("changes", topics.changes());
        object.put("tidemarks", topics.tidemarks());
        return StrictJson.bytes(object);
    }

    static TopicIds parse(byte[] bytes) {
        JsonNode object = StrictJson.parse(bytes, Set.of("changes", "tidemarks"), Set.of());
        return new TopicIds(StrictJson.text(object, "changes"), StrictJson.text(object, "tidemarks"));
    }
}
