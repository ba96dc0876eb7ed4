package dev.tidemark.standalone.command;

import static java.util.stream.Collectors.joining;

import dev.tidemark.restorer.Points.Reason;
import dev.tidemark.restorer.Points.Unrestorable;
import dev.tidemark.restorer.TailUse;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.restorer.plan.Hole;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** How points, plans and restores are told: in short lines to people, under stable names to scripts. */
final class RestoreWords {
    private static final long KIB = 1_024;
    private static final Duration SUGGESTED_BEFORE_LATEST = Duration.ofMinutes(5);

    private RestoreWords() {}

    /** In seconds, and never wider than it is: what is printed can be typed back. */
    static String range(TimeRange range) {
        Instant from = range.from().truncatedTo(ChronoUnit.SECONDS);
        Instant through = range.through().truncatedTo(ChronoUnit.SECONDS);
        Instant shown = from.isBefore(range.from()) ? from.plusSeconds(1) : from;
        return shown.isAfter(through) ? range.from() + " .. " + range.through() : shown + " .. " + through;
    }

    static String duration(Duration duration) {
        if (duration.compareTo(Duration.ofMinutes(2)) < 0) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1_000.0);
        }
        if (duration.compareTo(Duration.ofHours(2)) < 0) {
            return "%d m %02d s".formatted(duration.toMinutes(), duration.toSecondsPart());
        }
        return "%d h %02d m".formatted(duration.toHours(), duration.toMinutesPart());
    }

    /** As in 30s, 5m, 2h. */
    static Duration parsedAge(String text) {
        if (!text.matches("\\d{1,6}[smhd]")) {
            throw new TidemarkError(
                    ExitCode.USAGE, "'%s' is no age; for example 30s, 5m, 2h. Nothing was done".formatted(text));
        }
        return Duration.parse((text.endsWith("d") ? "P" : "PT") + text.toUpperCase(Locale.ROOT));
    }

    static String bytes(long bytes) {
        if (bytes < KIB * KIB) {
            return String.format(Locale.ROOT, "%.1f KiB", bytes / (double) KIB);
        }
        return bytes < KIB * KIB * KIB
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (KIB * KIB))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (KIB * KIB * KIB));
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static void tail(StringBuilder text, TailUse tail) {
        switch (tail.state()) {
            case USED -> {}
            case LEFT_OUT -> text.append("the tail of the log in Kafka was not asked for\n");
            case UNUSABLE ->
                text.append("NO TAIL    this ends at S3: ")
                        .append(tail.reason())
                        .append('\n');
        }
    }

    static void gaps(StringBuilder text, List<Unrestorable> gaps) {
        if (gaps.isEmpty()) {
            return;
        }
        text.append("  %d gap%s%n".formatted(gaps.size(), gaps.size() == 1 ? ":" : "s:"));
        for (Unrestorable gap : gaps) {
            text.append("           %s .. %s".formatted(gap.after(), gap.before()));
            if (!gap.reasons().isEmpty()) {
                text.append("   ")
                        .append(gap.reasons().stream().map(RestoreWords::words).collect(joining("; ")));
            }
            text.append('\n');
        }
    }

    private static String words(Reason reason) {
        return plain("%s (%s)".formatted(reason.reason(), reason.node()));
    }

    /** Of text that came from afar: nothing in it may move a terminal's cursor. */
    static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** A time that works as it is printed. */
    static String suggested(TimeRange newest) {
        Instant earlier = newest.through().minus(SUGGESTED_BEFORE_LATEST);
        return earlier.isAfter(newest.from())
                ? earlier.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1).toString()
                : "latest";
    }

    static List<Map<String, Object>> gapsJson(List<Unrestorable> gaps) {
        return gaps.stream()
                .map(gap -> {
                    Map<String, Object> json = new LinkedHashMap<>();
                    json.put("from", gap.after());
                    json.put("through", gap.before());
                    json.put(
                            "reasons",
                            gap.reasons().stream().map(RestoreWords::json).toList());
                    return json;
                })
                .toList();
    }

    private static Map<String, Object> json(Reason reason) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", reason.at());
        json.put("node", reason.node());
        json.put("reason", reason.reason());
        return json;
    }

    static void holes(StringBuilder text, List<Hole> holes) {
        for (Hole hole : holes) {
            text.append("DAMAGE     shard %d lacks the offsets [%d, %d), %s%s%s%n"
                    .formatted(
                            hole.shard(),
                            hole.from(),
                            hole.to(),
                            kind(hole),
                            when(hole),
                            hole.bridged() ? "; Kafka still holds them" : ""));
        }
    }

    private static String kind(Hole hole) {
        return switch (hole.kind()) {
            case BEFORE_FIRST_SEGMENT -> "before its first segment";
            case BETWEEN_SEGMENTS -> "between two segments";
            case AFTER_LAST_SEGMENT -> "after its last segment";
            case OVERLAP -> "which two segments hold";
            case BEFORE_LOG -> "which Kafka deleted before they were on S3";
            case AFTER_LOG -> "which Kafka had acknowledged and lost";
        };
    }

    private static String when(Hole hole) {
        if (hole.afterMicros().isEmpty() || hole.beforeMicros().isEmpty()) {
            return "";
        }
        return " (%s .. %s)"
                .formatted(
                        RedisTime.instant(hole.afterMicros().getAsLong()).truncatedTo(ChronoUnit.SECONDS),
                        RedisTime.instant(hole.beforeMicros().getAsLong()).truncatedTo(ChronoUnit.SECONDS));
    }

    static List<Map<String, Object>> rangesJson(List<TimeRange> ranges) {
        return ranges.stream()
                .map(range -> {
                    Map<String, Object> json = new LinkedHashMap<>();
                    json.put("from", range.from());
                    json.put("through", range.through());
                    return json;
                })
                .toList();
    }

    static Map<String, Object> tailJson(TailUse tail) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("state", tail.state().name().toLowerCase(Locale.ROOT));
        json.put("reason", tail.reason());
        return json;
    }

    static List<Map<String, Object>> holesJson(List<Hole> holes) {
        return holes.stream()
                .map(hole -> {
                    Map<String, Object> json = new LinkedHashMap<>();
                    json.put("shard", hole.shard());
                    json.put("from_offset", hole.from());
                    json.put("to_offset", hole.to());
                    json.put("kind", hole.kind().name().toLowerCase(Locale.ROOT));
                    json.put("after", instantOrNull(hole.afterMicros()));
                    json.put("before", instantOrNull(hole.beforeMicros()));
                    json.put("in_kafka", hole.bridged());
                    return json;
                })
                .toList();
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1_000_000_000.0;
    }

    private static Instant instantOrNull(OptionalLong micros) {
        return micros.isPresent() ? RedisTime.instant(micros.getAsLong()) : null;
    }
}
