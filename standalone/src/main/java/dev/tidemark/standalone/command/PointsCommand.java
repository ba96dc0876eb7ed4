package dev.tidemark.standalone.command;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Points.ShardPoints;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import java.util.LinkedHashMap;
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
        RestoreWords.gaps(text, points.gaps());
        RestoreWords.holes(text, points.holes());
        RestoreWords.tail(text, points.tail());
        points.latest()
                .ifPresent(latest -> text.append("next:      tidemark plan --to %s%n"
                        .formatted(RestoreWords.suggested(
                                points.ranges().get(points.ranges().size() - 1)))));
        return text.toString().stripTrailing();
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
        json.put("gaps", RestoreWords.gapsJson(points.gaps()));
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
