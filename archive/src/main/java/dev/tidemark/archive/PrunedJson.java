package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Pruned;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A mark, version 1. */
final class PrunedJson {
    private PrunedJson() {}

    static byte[] of(Pruned mark) {
        ObjectNode object = StrictJson.object();
        object.put("stamp_us", mark.stampMicros());
        object.put("kept_from_us", mark.keptFromMicros());
        object.put("kept_date", mark.keptHour().date().toString());
        object.put("kept_hour", mark.keptHour().hour());
        object.put("generation", mark.generation());
        ArrayNode offsets = object.putArray("kept_offsets");
        mark.keptOffsets().forEach(offsets::add);
        object.put("baselines_from_us", mark.baselinesFromMicros());
        object.put("blobs_from", mark.blobsFrom().toString());
        return StrictJson.bytes(object);
    }

    /** @throws IllegalArgumentException when that is no mark of a version that we know */
    static Pruned parse(PrunedKey key, byte[] bytes) {
        JsonNode object = StrictJson.parse(
                bytes,
                Set.of(
                        "stamp_us",
                        "kept_from_us",
                        "kept_date",
                        "kept_hour",
                        "generation",
                        "kept_offsets",
                        "baselines_from_us",
                        "blobs_from"),
                Set.of());
        List<Long> offsets = new ArrayList<>();
        for (JsonNode offset : StrictJson.array(object, "kept_offsets")) {
            if (!offset.isIntegralNumber() || !offset.canConvertToLong()) {
                throw new IllegalArgumentException("its 'kept_offsets' has what is no whole number");
            }
            offsets.add(offset.longValue());
        }
        return new Pruned(
                key,
                StrictJson.number(object, "stamp_us"),
                StrictJson.number(object, "kept_from_us"),
                new Hour(date(object, "kept_date"), StrictJson.integer(object, "kept_hour")),
                StrictJson.integer(object, "generation"),
                offsets,
                StrictJson.number(object, "baselines_from_us"),
                date(object, "blobs_from"));
    }

    private static LocalDate date(JsonNode object, String name) {
        try {
            return LocalDate.parse(StrictJson.text(object, name));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("its '" + name + "' is no date", e);
        }
    }
}
