package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreProgress;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreReport.ShardProof;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.times.TimeArgument;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "restore",
        description = {
            "Fill a Redis with what the source held at a time, and prove it.",
            "",
            "Everything is validated before the first write. A target that is not empty, is locked by another restore,"
                    + " or is the captured source itself is refused with exit code 4. What was written is read back and"
                    + " compared with the archive's own account: exit code 6 when they differ."
        },
        footer = {
            "  tidemark restore --to latest --into redis://10.0.0.9:6379",
            "  tidemark restore --to 14:03 --into rediss://ops@10.0.0.9:6379 --target-password-file /run/secrets/target",
            "  tidemark restore --to -10m --into redis://127.0.0.1:6380 --replace"
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

    @Option(
            names = "--into",
            paramLabel = "URI",
            required = true,
            description = "The Redis to fill: redis://HOST:PORT, or rediss:// for TLS; user:password@ before the host.")
    private URI into;

    @Option(
            names = "--target-password-file",
            paramLabel = "FILE",
            description = "Holds the target's password, which then need not stand on the command line.")
    private Optional<Path> passwordFile = Optional.empty();

    @Option(
            names = "--replace",
            description = "Delete every key in every database of the target first, once all else is validated.")
    private boolean replace;

    @Option(names = "--in-place", description = "The target may be the captured source itself.")
    private boolean inPlace;

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        TimeArgument time = tidemark.time(to);
        RestoreTarget target = target();
        Settings settings = tidemark.settings(Role.RESTORER);
        PrintWriter log = spec.commandLine().getErr();
        RestoreReport report;
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(time.at(), !withoutTail);
            log.print(PlanCommand.text(plan));
            log.flush();
            report = restorer.restore(plan, target, new RestoreOptions(replace, inPlace), new Lines(log));
        }
        tidemark.answer(text(report), json(report));
        return report.exitCode().number();
    }

    private RestoreTarget target() {
        RestoreTarget target = RestoreTarget.at(into);
        if (passwordFile.isEmpty()) {
            return target;
        }
        try {
            return target.withPassword(
                    Secret.of(Files.readString(passwordFile.get()).strip()));
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "the file %s of --target-password-file cannot be read; nothing was done"
                            .formatted(passwordFile.get()),
                    e);
        }
    }

    /** A line when a phase begins, and now and then. */
    private static final class Lines implements RestoreListener {
        private static final Duration APART = Duration.ofSeconds(2);

        private final PrintWriter log;
        private RestoreProgress.Phase phase;
        private Duration printed = Duration.ZERO;

        Lines(PrintWriter log) {
            this.log = log;
        }

        @Override
        public void progress(RestoreProgress progress) {
            boolean isNew = progress.phase() != phase;
            if (!isNew && progress.elapsed().minus(printed).compareTo(APART) < 0) {
                return;
            }
            phase = progress.phase();
            printed = progress.elapsed();
            log.println(
                    switch (phase) {
                        case VALIDATING -> "validating; nothing is written yet";
                        case WRITING ->
                            "writing    %s of %s read, %s keys sent, %s"
                                    .formatted(
                                            RestoreWords.bytes(progress.bytesRead()),
                                            RestoreWords.bytes(progress.bytes()),
                                            RestoreWords.number(progress.keys()),
                                            RestoreWords.duration(progress.elapsed()));
                        case PROVING ->
                            "proving    %s keys read back, %s"
                                    .formatted(
                                            RestoreWords.number(progress.keys()),
                                            RestoreWords.duration(progress.elapsed()));
                    });
            log.flush();
        }
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
        report.limits()
                .forEach(limit -> text.append("           ").append(limit).append('\n'));
        return text.toString().stripTrailing();
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
        json.put("proof", report.proof().stream().map(RestoreCommand::json).toList());
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
