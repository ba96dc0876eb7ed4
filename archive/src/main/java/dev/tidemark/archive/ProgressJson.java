package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;

/** The progress object of a shard, version 1. */
final class ProgressJson {
    private ProgressJson() {}

    static byte[] of(Progress progress) {
        ObjectNode object = StrictJson.object();
        object.put("shard", progress.shard());
        object.put("generation", progress.generation());
        object.put("frontier", progress.frontier());
        progress.hour().ifPresent(hour -> {
            object.put("date", hour.date().toString());
            object.put("hour", hour.hour());
        });
        progress.claim().ifPresent(claim -> object.set("claim", claim(claim)));
        return StrictJson.bytes(object);
    }

    /** @throws IllegalArgumentException when that is no progress object of a version that we know */
    static Progress parse(byte[] bytes) {
        JsonNode object =
                StrictJson.parse(bytes, Set.of("shard", "generation", "frontier"), Set.of("date", "hour", "claim"));
        Optional<Hour> hour = object.has("date")
                ? Optional.of(
                        new Hour(LocalDate.parse(object.get("date").textValue()), StrictJson.integer(object, "hour")))
                : Optional.empty();
        return new Progress(
                StrictJson.integer(object, "shard"),
                StrictJson.integer(object, "generation"),
                StrictJson.number(object, "frontier"),
                hour,
                object.has("claim") ? Optional.of(claim(object.get("claim"))) : Optional.empty());
    }

    private static ObjectNode claim(ClaimInterval claim) {
        ObjectNode object = StrictJson.part();
        object.put("begin_offset", claim.base().beginOffset());
        object.put("end_offset", claim.base().endOffset());
        object.put("end_us", claim.base().endMicros());
        object.put("through_us", claim.throughMicros());
        object.put("offset", claim.offset());
        object.put("exactness_us", claim.exactnessMicros());
        return object;
    }

    private static ClaimInterval claim(JsonNode object) {
        return new ClaimInterval(
                new Base(
                        StrictJson.number(object, "begin_offset"),
                        StrictJson.number(object, "end_offset"),
                        StrictJson.number(object, "end_us")),
                StrictJson.number(object, "through_us"),
                StrictJson.number(object, "offset"),
                StrictJson.number(object, "exactness_us"));
    }
}
