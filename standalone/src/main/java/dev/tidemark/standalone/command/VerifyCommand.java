package dev.tidemark.standalone.command;

import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.times.TimeArgument;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        description = {
            "Compare a live Redis with what the source held at a time: what is missing, extra, different, or expires at"
                    + " another time.",
            "",
            "Nothing is written to it; it may be a server or any node of a Cluster. A Redis that is in use differs by what"
                    + " was written since that time. Exit code 6 when anything differs."
        },
        footer = {
            "  tidemark verify redis://10.0.0.9:6379 --at 14:03",
            "  tidemark verify redis://10.0.0.9:6379 --at latest --list 20    and name the first 20 keys of each kind",
            "  tidemark verify redis://10.0.0.9:6379 --at -10m -o json"
        })
final class VerifyCommand implements Callable<Integer> {
    private static final int LIST_MAX = 100_000;

    @ParentCommand
    private TidemarkCommand tidemark;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "URI",
            description =
                    "The Redis to look at: redis://HOST:PORT, or rediss:// for TLS; user:password@ before the host.")
    private URI live;

    @Option(
            names = "--at",
            paramLabel = "T",
            required = true,
            description = "The time to compare it with: " + TimeArgument.FORMS + ".")
    private String at;

    @Option(
            names = "--list",
            paramLabel = "N",
            description = "Print the names of the first N keys of each kind of difference. By default none is printed.")
    private int list;

    @Mixin
    private TargetAccess access = new TargetAccess();

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        if (list < 0 || list > LIST_MAX) {
            throw new TidemarkError(ExitCode.USAGE, "--list is 0 to %d, not %d".formatted(LIST_MAX, list));
        }
        TimeArgument time = tidemark.time(at);
        RestoreTarget target = access.of(live);
        Settings settings = tidemark.settings(Role.RESTORER);
        PrintWriter log = spec.commandLine().getErr();
        ProgressLines progress = new ProgressLines(log);
        VerifyReport report;
        Stop.Words words = tidemark.onStop(ended -> Optional.of("stopped; nothing was written to " + target.address()));
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            RestorePlan plan = lookout.plan(time.at(), !withoutTail);
            log.print(PlanCommand.text(plan));
            log.flush();
            report = lookout.verify(plan, target, list, progress);
        } finally {
            words.close();
        }
        tidemark.answer(VerifyWords.text(report), VerifyWords.json(report));
        return report.exitCode().number();
    }
}
