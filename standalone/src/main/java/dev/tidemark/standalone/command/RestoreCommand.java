package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestoreOptions.Existing;
import dev.tidemark.restorer.RestorePart;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreProgress;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreReport.RestoredIndex;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.times.TimeArgument;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "restore",
        description = {
            "Fill a Redis with what the source held at a time, or write a snapshot of it, and prove it.",
            "",
            "--into writes to a running server, or to every primary of a Cluster. --rdb writes a file, or an object in"
                    + " S3, that any redis-server loads when it starts. --serve"
                    + " acts as a primary: the server that is to hold the restore follows it with REPLICAOF, loads"
                    + " everything natively, and is told REPLICAOF NO ONE at the end; with --into too, both are done"
                    + " for you.",
            "",
            "Everything is validated before the first write. A target that is not empty, is locked by another restore,"
                    + " or is the captured source itself is refused with exit code 4. What was written is read back and"
                    + " compared with the archive's own account: exit code 6 when they differ, or a search index could"
                    + " not be made."
        },
        footer = {
            "  tidemark restore --to latest --into redis://10.0.0.9:6379",
            "  tidemark restore --to 14:03 --into rediss://ops@10.0.0.9:6379 --target-password-file"
                    + " /run/secrets/target",
            "  tidemark restore --to -10m --into redis://127.0.0.1:6380 --replace",
            "  tidemark restore --to 2026-11-20T14:02:10Z --into redis://10.0.0.9:6379 --shard 1/4   # of a Cluster,"
                    + " any node",
            "  tidemark restore --to 14:03 --into redis://10.0.0.9:6379 --in-place --merge --prefix tenant7:",
            "  tidemark restore --to 14:03 --rdb s3://other-bucket/dump.rdb",
            "  tidemark restore --to 14:03 --rdb /var/lib/redis/dump.rdb",
            "  tidemark restore --to 14:03 --serve 7000                      # on the target: REPLICAOF 127.0.0.1 7000",
            "  tidemark restore --to latest --max-loss 5m --into redis://10.0.0.9:6379 --prefix tenant7: --ttl shift"
        })
final class RestoreCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--to",
            paramLabel = "T",
            required = true,
            description = "The time to restore: " + TimeArgument.FORMS + ".")
    private String to;

    @Mixin
    private RestoreWayArguments where = new RestoreWayArguments();

    @Option(
            names = "--replace",
            description = "Delete every key in every database of the target first, once all else is validated.")
    private boolean replace;

    @Option(
            names = "--merge",
            description =
                    "Write over the keys of the restore that are there, each whole, and leave all others as they are.")
    private boolean merge;

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            description =
                    "Do part I of N alone, with --into: the other parts of the same restore run on other machines, at"
                            + " the same time or later. All name the same time.")
    private Optional<String> shard = Optional.empty();

    @Option(names = "--in-place", description = "The target may be the captured source itself.")
    private boolean inPlace;

    @Option(
            names = "--yes",
            description = "Do not ask. A person at a terminal is asked once before --replace, --merge or --in-place"
                    + " touches anything; elsewhere, and with --dry-run, nobody is.")
    private boolean yes;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Option(
            names = "--max-loss",
            paramLabel = "AGE",
            description = "Refuse, with exit code 3, when the time that is reached is further back: 30s, 5m, 2h.")
    private Optional<String> maxLoss = Optional.empty();

    @Option(names = "--dry-run", description = "Tell the plan, as 'tidemark plan' does, and write nothing.")
    private boolean dryRun;

    @Mixin
    private SelectionArguments selected;

    @Override
    public Integer call() {
        TimeArgument time = tidemark.time(to);
        RestoreWay way = where.way();
        RestoreOptions options =
                new RestoreOptions(existing(), inPlace, part(time, way), selected.selection(), selected.ttl());
        if (merge) {
            requireWrittenKeyByKey(way, "--merge");
        }
        Optional<Duration> lossMax = maxLoss.map(RestoreWords::parsedAge);
        Settings settings = tidemark.settings(Role.RESTORER);
        PrintWriter log = spec.commandLine().getErr();
        RestoreReport report;
        ProgressLines progress = new ProgressLines(log);
        Stop.Words words = tidemark.onStop(ended -> left(way, options.part(), progress, ended));
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(time.at(), !withoutTail);
            lossMax.ifPresent(max -> requireLossWithin(max, plan));
            if (dryRun) {
                tidemark.answer(PlanCommand.text(plan) + "dry run: nothing was written", PlanCommand.json(plan));
                return ExitCode.DONE.number();
            }
            log.print(PlanCommand.text(plan));
            log.flush();
            if (!yes) {
                way.stake().lost(options).ifPresent(loss -> tidemark.consent().require(statement(loss, plan)));
                // Whoever was asked may have taken long to answer.
                lossMax.ifPresent(max -> requireLossWithin(max, plan));
            }
            report = way.run().restore(restorer, plan, options, progress);
        } finally {
            words.close();
        }
        String nextStep = way.nextStep().map(step -> "\nnext:      " + step).orElse("");
        tidemark.answer(text(report) + nextStep, json(report));
        return report.exitCode().number();
    }

    private Existing existing() {
        if (replace && merge) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "--replace deletes what is there, and --merge keeps it: give one of them; nothing was done");
        }
        if (replace) {
            return Existing.REPLACE;
        }
        return merge ? Existing.MERGE : Existing.REFUSE;
    }

    private RestorePart part(TimeArgument time, RestoreWay way) {
        if (shard.isEmpty()) {
            return RestorePart.WHOLE;
        }
        requireWrittenKeyByKey(way, "--shard");
        if (time.at().isEmpty()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "'latest' may be another time for each part of --shard; name the time that 'tidemark points'"
                            + " tells, the same for all. Nothing was done");
        }
        Matcher numbers = Pattern.compile("(\\d{1,5})/(\\d{1,5})").matcher(shard.get());
        try {
            if (numbers.matches()) {
                return new RestorePart(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
            }
        } catch (IllegalArgumentException outside) {
            // Said below.
        }
        throw new TidemarkError(
                ExitCode.USAGE,
                "'%s' is no part for --shard; for example 1/4, the first of four. Nothing was done"
                        .formatted(shard.get()));
    }

    private static void requireWrittenKeyByKey(RestoreWay way, String option) {
        if (!way.isKeyByKey()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "%s goes with --into alone: a snapshot is loaded whole, or not at all. Nothing was done"
                            .formatted(option));
        }
    }

    /** What is left there. A restore that was stopped while it wrote says so itself, if the target lets it. */
    private static Optional<String> left(RestoreWay way, RestorePart part, ProgressLines progress, boolean ended) {
        RestoreProgress.Phase phase = progress.phase().orElse(RestoreProgress.Phase.VALIDATING);
        if (phase == RestoreProgress.Phase.VALIDATING) {
            return Optional.of("stopped before the first write; %s is as it was".formatted(way.address()));
        }
        if (ended) {
            return Optional.empty();
        }
        if (phase == RestoreProgress.Phase.WAITING) {
            return Optional.of(
                    "stopped before the first write; whoever was told to follow %s may do so still: say REPLICAOF NO ONE there"
                            .formatted(way.address()));
        }
        String what = phase == RestoreProgress.Phase.WRITING
                ? "an unfinished restore: up to %d keys were sent to it".formatted(progress.keys())
                : "every key of the restore, which was not proven";
        // Not the whole lock: it is the others' as well.
        String next = part.isWhole()
                ? way.left()
                : "It holds the mark of this part: HDEL tidemark:restore-lock \"part %d\" there, and run this part again with --merge"
                        .formatted(part.number());
        return Optional.of("stopped; %s does not answer. It holds %s. %s".formatted(way.address(), what, next));
    }

    private static void requireLossWithin(Duration max, RestorePlan plan) {
        Duration loss = Duration.between(plan.to(), Instant.now());
        if (loss.compareTo(max) > 0) {
            throw new TidemarkError(
                    ExitCode.NOT_RESTORABLE,
                    "%s would be restored to %s, which is %s ago, and --max-loss allows %s. Nothing was written to any target. See 'tidemark points', or allow more"
                            .formatted(
                                    plan.source(), plan.to(), RestoreWords.duration(loss), RestoreWords.duration(max)));
        }
    }

    private static String statement(String loss, RestorePlan plan) {
        return "%s What is restored is %s as of %s.".formatted(loss, plan.source(), plan.to());
    }

    private static String text(RestoreReport report) {
        StringBuilder text = new StringBuilder();
        text.append("%s   to %s into %s in %s%n"
                .formatted(report.source(), report.to(), report.target(), RestoreWords.duration(report.took())));
        text.append("restored   %s keys, %s, each as it was at some instant of the %s before%n"
                .formatted(
                        RestoreWords.number(report.keysWritten()),
                        RestoreWords.bytes(report.bytesWritten()),
                        RestoreWords.duration(report.exactness())));
        line(text, report.expiredSince(), "left out: they were there then, and have expired since");
        line(
                text,
                report.uncertain(),
                "expired in the last moment before and are left out, though they may just have been extended");
        text.append(report.isProven() ? "proof      PASS: " : "proof      DIFFERENT: ")
                .append("%s keys by the archive's account, %s keys read back%n"
                        .formatted(
                                RestoreWords.number(sum(report, ShardProof::keysExpected)),
                                RestoreWords.number(sum(report, ShardProof::keysFound))));
        report.proof().stream()
                .filter(shard -> !shard.isEqual())
                .forEach(shard -> text.append("           shard %d: %d keys expected, %d found; digest %s, found %s%n"
                        .formatted(
                                shard.shard(),
                                shard.keysExpected(),
                                shard.keysFound(),
                                shard.expectedDigest(),
                                shard.foundDigest())));
        line(
                text,
                sum(report, ShardProof::keysLeftOut),
                "were not compared: they expire now, or their expiry cannot be read");
        report.indexes().stream()
                .filter(index -> index.state() != RestoredIndex.State.LEFT)
                .forEach(index -> text.append(line(index)).append('\n'));
        report.limits()
                .forEach(limit -> text.append("           ").append(limit).append('\n'));
        return text.toString().stripTrailing();
    }

    private static String line(RestoredIndex index) {
        return switch (index.state()) {
            case CREATED -> "index      %s created".formatted(index.name());
            case KEPT -> "index      %s was there".formatted(index.name());
            case LEFT -> "index      %s not created".formatted(index.name());
            case FAILED ->
                "index      %s FAILED: %s. The keys are not concerned; this command makes it: %s"
                        .formatted(index.name(), index.saying(), index.command());
        };
    }

    private static void line(StringBuilder text, long keys, String what) {
        if (keys > 0) {
            text.append("           %s keys %s%n".formatted(RestoreWords.number(keys), what));
        }
    }

    private static long sum(RestoreReport report, ToLongFunction<ShardProof> count) {
        return report.proof().stream().mapToLong(count).sum();
    }

    private static Map<String, Object> json(RestoreReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", report.source());
        json.put("to", report.to());
        json.put("target", report.target());
        json.put("exactness_seconds", RestoreWords.seconds(report.exactness()));
        json.put("keys_written", report.keysWritten());
        json.put("bytes_written", report.bytesWritten());
        json.put("keys_expired_since", report.expiredSince());
        json.put("keys_uncertain", report.uncertain());
        json.put("took_seconds", RestoreWords.seconds(report.took()));
        json.put("proven", report.isProven());
        json.put("limits", report.limits());
        json.put("indexes", report.indexes().stream().map(RestoreCommand::json).toList());
        json.put("proof", report.proof().stream().map(RestoreCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(RestoredIndex index) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", index.name());
        json.put("state", index.state().name().toLowerCase(Locale.ROOT));
        json.put("command", index.command());
        json.put("saying", index.saying());
        return json;
    }

    private static Map<String, Object> json(ShardProof shard) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("shard", shard.shard());
        json.put("equal", shard.isEqual());
        json.put("keys_expected", shard.keysExpected());
        json.put("keys_found", shard.keysFound());
        json.put("keys_left_out", shard.keysLeftOut());
        json.put("expected_digest", shard.expectedDigest());
        json.put("found_digest", shard.foundDigest());
        return json;
    }
}
