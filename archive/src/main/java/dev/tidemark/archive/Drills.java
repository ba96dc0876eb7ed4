package dev.tidemark.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.DrillKey;
import dev.tidemark.schemas.layout.ArchiveKey.DrillPart;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The reports of drills, each written once: one for machines and a page for people. Nothing hangs on them. */
public final class Drills {
    private static final int REPORT_BYTES_MAX = 4 << 20;
    /** Where the listing begins; if there was none since, it begins at the beginning. */
    private static final Duration RECENT = Duration.ofDays(40);

    private final ObjectStore store;
    private final String prefix;

    Drills(ObjectStore store, String prefix) {
        this.store = store;
        this.prefix = prefix;
    }

    /** Writes both; the page first, so that whoever finds a report finds its page. */
    public void publish(Instant beganAt, byte[] report, byte[] page) {
        long micros = RedisTime.micros(beganAt);
        store.create(prefix + new DrillKey(micros, DrillPart.PAGE).path(), ObjectBody.of(page), Map.of());
        store.create(prefix + new DrillKey(micros, DrillPart.REPORT).path(), ObjectBody.of(report), Map.of());
    }

    /** For messages: where that drill's page lies. */
    public String pageUri(Instant beganAt) {
        return store.uri(prefix + new DrillKey(RedisTime.micros(beganAt), DrillPart.PAGE).path());
    }

    /** The last one that left a report; one whose report cannot be read counts as failed. */
    public Optional<DrillSummary> last(Instant now) {
        Optional<DrillKey> last = lastSince(Optional.of(RedisTime.micros(now.minus(RECENT))));
        return (last.isPresent() ? last : lastSince(Optional.empty())).flatMap(this::read);
    }

    private Optional<DrillKey> lastSince(Optional<Long> micros) {
        Optional<String> startAfter = micros.map(from -> prefix + ArchiveKey.drillsFrom(from));
        Optional<DrillKey> last = Optional.empty();
        for (Iterator<String> keys = store.list(prefix + ArchiveKey.DRILLS, startAfter); keys.hasNext(); ) {
            Optional<ArchiveKey> key = ArchiveKey.parse(keys.next().substring(prefix.length()));
            if (key.isPresent() && key.get() instanceof DrillKey drill && drill.part() == DrillPart.REPORT) {
                last = Optional.of(drill);
            }
        }
        return last;
    }

    private Optional<DrillSummary> read(DrillKey key) {
        Instant beganAt = RedisTime.instant(key.timeMicros());
        DrillSummary unreadable = new DrillSummary(
                beganAt, false, Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), Optional.empty());
        Looked<DrillKey, byte[]> looked = Looked.at(key, () -> store.get(prefix + key.path(), REPORT_BYTES_MAX));
        if (!looked.fault().isEmpty()) {
            return Optional.of(unreadable);
        }
        return looked.found().map(bytes -> {
            try {
                return summary(beganAt, new ObjectMapper().readTree(bytes));
            } catch (IOException | DateTimeException | IllegalArgumentException damaged) {
                return unreadable;
            }
        });
    }

    private static DrillSummary summary(Instant beganAt, JsonNode report) {
        return new DrillSummary(
                beganAt,
                report.path("passed").asBoolean(false),
                Optional.of(report.path("rto_seconds"))
                        .filter(JsonNode::isNumber)
                        .map(seconds -> Duration.ofMillis((long) (seconds.asDouble() * 1_000))),
                number(report, "bytes_read"),
                number(report, "changes_read"),
                Optional.of(report.path("next_due_at"))
                        .filter(JsonNode::isTextual)
                        .map(time -> Instant.parse(time.asText())));
    }

    private static OptionalLong number(JsonNode report, String name) {
        JsonNode number = report.path(name);
        return number.canConvertToLong() ? OptionalLong.of(number.asLong()) : OptionalLong.empty();
    }
}
