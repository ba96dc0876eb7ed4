package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestorePlan.PlannedShard;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.standalone.times.TimeArgument;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "plan",
        description = {
            "Tell what a restore would read and what it would reach. Nothing is written anywhere.",
            "",
            "A time that cannot be restored is refused with the nearest ones that can: exit code 3, or 5 when"
                    + " it could be but for a part of the archive that is missing."
        },
        footer = {
            "  tidemark plan --to latest",
            "  tidemark plan --to 2026-11-20T14:02:10Z",
            "  tidemark plan --to -10m --no-tail -o json"
        })
final class PlanCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Option(
            names = "--to",
            paramLabel = "T",
            required = true,
            description = "The time to restore: " + TimeArgument.FORMS + ".")
    private String to;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        TimeArgument time = tidemark.time(to);
        RestorePlan plan;
        try (Restorer restorer = Restorer.open(tidemark.settings(Role.RESTORER))) {
            plan = restorer.plan(time.at(), !withoutTail);
        }
        String next = "next:      tidemark restore --to %s --into redis://HOST:6379".formatted(plan.to());
        tidemark.answer(text(plan) + next, json(plan));
        return ExitCode.DONE.number();
    }

    static String text(RestorePlan plan) {
        StringBuilder text = new StringBuilder();
        text.append("%s   to %s%s, exact within %s%n"
                .formatted(
                        plan.source(),
                        plan.to(),
                        plan.latest() ? " (the latest)" : "",
                        RestoreWords.duration(plan.exactness())));
        text.append("reads      %s files, %s, at most %s changes%s%n"
                .formatted(
                        RestoreWords.number(plan.files()),
                        RestoreWords.bytes(plan.bytes()),
                        RestoreWords.number(plan.rowsMax()),
                        plan.tailRecords() == 0
                                ? ""
                                : ", " + RestoreWords.number(plan.tailRecords()) + " of them from Kafka"));
        text.append("base       %s%n"
                .formatted(plan.baseline()
                        .map(base -> "the baseline of " + RedisTime.instant(base.forkMicros()) + ", "
                                + RestoreWords.bytes(base.bytes()))
                        .orElse("the last resync in the log")));
        plan.unusableBaselines()
                .forEach(each -> text.append("NOT USED   ").append(each).append('\n'));
        plan.damage().forEach(each -> text.append("DAMAGE     ").append(each).append('\n'));
        text.append("takes      about %s%n".formatted(RestoreWords.duration(plan.estimate())));
        RestoreWords.holes(text, plan.holes());
        RestoreWords.tail(text, plan.tail());
        return text.toString();
    }

    static Map<String, Object> json(RestorePlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", plan.source());
        json.put("to", plan.to());
        json.put("latest", plan.latest());
        json.put("exactness_seconds", RestoreWords.seconds(plan.exactness()));
        json.put("baseline", plan.baseline().map(PlanCommand::json).orElse(null));
        json.put("unusable_baselines", plan.unusableBaselines());
        json.put("damage", plan.damage());
        json.put("files", plan.files());
        json.put("bytes", plan.bytes());
        json.put("changes_max", plan.rowsMax());
        json.put("tail_records", plan.tailRecords());
        json.put("estimate_seconds", RestoreWords.seconds(plan.estimate()));
        json.put("tail", RestoreWords.tailJson(plan.tail()));
        json.put("holes", RestoreWords.holesJson(plan.holes()));
        json.put("shards", plan.shards().stream().map(PlanCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(Baseline baseline) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("manifest", baseline.manifest().path());
        json.put("begin", RedisTime.instant(baseline.beginMicros()));
        json.put("fork", RedisTime.instant(baseline.forkMicros()));
        json.put("bytes", baseline.bytes());
        return json;
    }

    private static Map<String, Object> json(PlannedShard shard) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("shard", shard.plan().shard());
        json.put("from_offset", shard.plan().from());
        json.put("to_offset", shard.plan().claim().offset());
        json.put("claimed_through", RedisTime.instant(shard.plan().claim().throughMicros()));
        json.put(
                "files",
                shard.plan().parts().stream()
                        .filter(ArchivedRange::hasFile)
                        .map(ArchivedRange::path)
                        .toList());
        json.put("bytes", shard.plan().bytes());
        json.put(
                "tail_from_offset", shard.plan().tail().map(part -> part.from()).orElse(null));
        return json;
    }
}
