package dev.tidemark.standalone.command;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Points.ShardPoints;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "points",
        description = {
            "Tell which times can be restored, how exactly, and what would be lost if the source were gone now.",
            "",
            "Exit code 3 when there is no such time, 5 when a part of the archive is missing."
        },
        footer = {
            "  tidemark points                  of the source in ./tidemark.yml",
            "  tidemark points --no-tail        by S3 alone, without asking Kafka",
            "  tidemark points -o json          for a script"
        })
final class PointsCommand implements Callable<Integer> {
    private static final Duration SUGGESTED_BEFORE_LATEST = Duration.ofMinutes(5);

    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        Points points;
        try (Restorer restorer = Restorer.open(tidemark.settings(Role.RESTORER))) {
            points = restorer.points(!withoutTail);
        }
        tidemark.answer(text(points), json(points));
        if (!points.holes().isEmpty()) {
            return ExitCode.ARCHIVE_DAMAGED.number();
        }
        return (points.ranges().isEmpty() ? ExitCode.NOT_RESTORABLE : ExitCode.DONE).number();
    }

    private static String text(Points points) {
        StringBuilder text = new StringBuilder();
        if (points.ranges().isEmpty()) {
            text.append(points.source()).append("   NOTHING CAN BE RESTORED\n");
            points.shards().stream()
                    .filter(shard -> shard.ranges().isEmpty())
                    .forEach(shard -> text.append("           no claim counts in shard %d, which has %d segments%n"
                            .formatted(shard.shard(), shard.segments())));
        } else {
            text.append("%s   RPO now %s, on S3 alone %s%n"
                    .formatted(
                            points.source(),
                            points.rpoNow().map(RestoreWords::duration).orElse("none"),
                            points.rpoOnS3().map(RestoreWords::duration).orElse("nothing yet")));
            for (TimeRange range : points.ranges()) {
                text.append("restorable %s, exact within %s%n"
                        .formatted(RestoreWords.range(range), RestoreWords.duration(points.exactness())));
            }
        }
        List<TimeRange> gaps = gaps(points.ranges());
        if (!gaps.isEmpty()) {
            text.append("  %d gap%s%n".formatted(gaps.size(), gaps.size() == 1 ? ":" : "s:"));
            gaps.forEach(gap -> text.append("           %s .. %s%n".formatted(gap.from(), gap.through())));
        }
        RestoreWords.holes(text, points.holes());
        RestoreWords.tail(text, points.tail());
        points.latest()
                .ifPresent(latest -> text.append("next:      tidemark plan --to %s%n"
                        .formatted(suggested(points.ranges().get(points.ranges().size() - 1)))));
        return text.toString().stripTrailing();
    }

    /** A time that works as it is printed. */
    private static String suggested(TimeRange newest) {
        Instant earlier = newest.through().minus(SUGGESTED_BEFORE_LATEST);
        return earlier.isAfter(newest.from())
                ? earlier.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1).toString()
                : "latest";
    }

    private static List<TimeRange> gaps(List<TimeRange> ranges) {
        List<TimeRange> gaps = new ArrayList<>();
        for (int i = 1; i < ranges.size(); i++) {
            gaps.add(new TimeRange(ranges.get(i - 1).through(), ranges.get(i).from()));
        }
        return gaps;
    }

    private static Map<String, Object> json(Points points) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", points.source());
        json.put("checked_at", points.checkedAt());
        json.put("ranges", RestoreWords.rangesJson(points.ranges()));
        json.put("exactness_seconds", RestoreWords.seconds(points.exactness()));
        json.put("rpo_now_seconds", points.rpoNow().map(RestoreWords::seconds).orElse(null));
        json.put(
                "rpo_on_s3_seconds", points.rpoOnS3().map(RestoreWords::seconds).orElse(null));
        json.put("tail", RestoreWords.tailJson(points.tail()));
        json.put("gaps", RestoreWords.rangesJson(gaps(points.ranges())));
        json.put("holes", RestoreWords.holesJson(points.holes()));
        json.put("shards", points.shards().stream().map(PointsCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(ShardPoints shard) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("shard", shard.shard());
        json.put("ranges", RestoreWords.rangesJson(shard.ranges()));
        json.put("segments", shard.segments());
        json.put("end_offset", shard.end());
        return json;
    }
}
