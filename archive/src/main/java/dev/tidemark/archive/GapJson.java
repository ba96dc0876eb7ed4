package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.Gap;
import java.util.OptionalLong;
import java.util.Set;

/** The explanation of a gap, version 1. */
final class GapJson {
    private GapJson() {}

    static byte[] of(Gap gap) {
        ObjectNode object = StrictJson.object();
        object.put("shard", gap.key().shard());
        object.put("generation", gap.key().generation());
        object.put("offset", gap.key().offset());
        object.put("time_us", gap.key().timeMicros());
        object.put("node", gap.node());
        object.put("reason", gap.reason());
        gap.lastClaimMicros().ifPresent(micros -> object.put("last_claim_us", micros));
        return StrictJson.bytes(object);
    }

    /** @throws IllegalArgumentException when that is no explanation of a version that we know */
    static Gap parse(byte[] bytes) {
        JsonNode object = StrictJson.parse(
                bytes, Set.of("shard", "generation", "offset", "time_us", "node", "reason"), Set.of("last_claim_us"));
        GapKey key = new GapKey(
                StrictJson.number(object, "time_us"),
                StrictJson.integer(object, "shard"),
                StrictJson.integer(object, "generation"),
                StrictJson.number(object, "offset"));
        return new Gap(
                key,
                StrictJson.text(object, "node"),
                StrictJson.text(object, "reason"),
                object.has("last_claim_us")
                        ? OptionalLong.of(StrictJson.number(object, "last_claim_us"))
                        : OptionalLong.empty());
    }
}
