package dev.tidemark.standalone.command;

import dev.tidemark.archive.DrillSummary;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Status;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.restorer.look.Problem;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "status",
        description = {
            "Tell in ten seconds whether the source is protected: what would be lost now, what can be restored, the gaps and"
                    + " their reasons, the last drill, and what to do next.",
            "",
            "S3 alone is enough; Kafka and the source may be gone. Exit code 8 when protection is degraded: more would be lost"
                    + " than restorer.rpo-target, a gap is open, the archive lacks a part, or the last drill failed or was"
                    + " missed, a baseline is overdue, or hours are rolled up a day late."
        },
        footer = {
            "  tidemark status                  of the source in ./tidemark.yml",
            "  tidemark status -o json          for an alarm: .protected, .problems",
            "  tidemark status --no-tail        by S3 alone, without asking Kafka"
        })
final class StatusCommand implements Callable<Integer> {
    private static final String NOT_SEEN_BY_A_JOURNAL =
            "a key that a writer changes and does not name in the journal, until the next resync; see docs/journal.md";

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        Settings settings = tidemark.settings(Role.RESTORER);
        Status status;
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            status = lookout.status(!withoutTail);
        }
        List<String> notSeen = settings.source().journaled() ? List.of(NOT_SEEN_BY_A_JOURNAL) : List.of();
        tidemark.answer(text(status, notSeen), json(status, notSeen));
        return status.exitCode().number();
    }

    private static String text(Status status, List<String> notSeen) {
        Points points = status.points();
        StringBuilder text = new StringBuilder();
        text.append("%s   %s   RPO now %s (target %d s)   %s%n"
                .formatted(
                        points.source(),
                        status.isProtected() ? "PROTECTED" : "DEGRADED",
                        points.rpoNow().map(RestoreWords::duration).orElse("none"),
                        status.rpoTarget().toSeconds(),
                        status.drill().map(StatusCommand::words).orElse("no drill yet")));
        for (Problem problem : status.problems()) {
            text.append("PROBLEM    ")
                    .append(RestoreWords.plain(problem.text()))
                    .append('\n');
        }
        for (TimeRange range : points.ranges()) {
            text.append("restorable %s, exact within %s%n"
                    .formatted(RestoreWords.range(range), RestoreWords.duration(points.exactness())));
        }
        RestoreWords.gaps(text, points.gaps());
        RestoreWords.tail(text, points.tail());
        notSeen.forEach(what -> text.append("NOT SEEN   ").append(what).append('\n'));
        text.append("next:      ").append(next(status));
        return text.toString();
    }

    private static String words(DrillSummary drill) {
        return "last drill %s %s%s"
                .formatted(
                        MINUTE.format(drill.beganAt()),
                        drill.passed() ? "PASS" : "FAIL",
                        drill.rto()
                                .map(rto -> ", RTO " + RestoreWords.duration(rto))
                                .orElse(""));
    }

    /** Whoever looks wants to restore, if that can be done at all; what is wrong is told above. */
    private static String next(Status status) {
        Points points = status.points();
        if (!points.ranges().isEmpty()) {
            return "tidemark plan --to "
                    + RestoreWords.suggested(points.ranges().get(points.ranges().size() - 1));
        }
        return points.holes().isEmpty() ? "tidemark doctor" : "tidemark points";
    }

    private static Map<String, Object> json(Status status, List<String> notSeen) {
        Points points = status.points();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", points.source());
        json.put("checked_at", points.checkedAt());
        json.put("protected", status.isProtected());
        json.put("problems", status.problems().stream().map(StatusCommand::json).toList());
        json.put("rpo_now_seconds", points.rpoNow().map(RestoreWords::seconds).orElse(null));
        json.put(
                "rpo_on_s3_seconds", points.rpoOnS3().map(RestoreWords::seconds).orElse(null));
        json.put("rpo_target_seconds", RestoreWords.seconds(status.rpoTarget()));
        json.put("ranges", RestoreWords.rangesJson(points.ranges()));
        json.put("exactness_seconds", RestoreWords.seconds(points.exactness()));
        json.put("gaps", RestoreWords.gapsJson(points.gaps()));
        json.put("tail", RestoreWords.tailJson(points.tail()));
        json.put("not_seen", notSeen);
        json.put("last_drill", status.drill().map(StatusCommand::json).orElse(null));
        json.put("next", next(status));
        return json;
    }

    private static Map<String, Object> json(Problem problem) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", problem.kind().name().toLowerCase(Locale.ROOT));
        json.put("text", problem.text());
        return json;
    }

    private static Map<String, Object> json(DrillSummary drill) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", drill.beganAt());
        json.put("passed", drill.passed());
        json.put("rto_seconds", drill.rto().map(RestoreWords::seconds).orElse(null));
        Instant nextDue = drill.nextDue().orElse(null);
        json.put("next_due_at", nextDue);
        return json;
    }
}
