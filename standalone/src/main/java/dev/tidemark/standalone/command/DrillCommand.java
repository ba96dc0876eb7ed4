package dev.tidemark.standalone.command;

import dev.tidemark.restorer.DrillOptions;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.times.TimeArgument;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "drill",
        description = {
            "Practise: restore a time into a redis-server of its own on this machine, compare every key with the archive, and"
                    + " search by vector there and on the source.",
            "",
            "Measures RPO and RTO, and leaves a report and a page in drills/ on S3, which 'tidemark status' reads. Needs memory"
                    + " for the whole data set. Exit code 6 when anything differs, else that of what stopped it."
        },
        footer = {
            "  tidemark drill                                 any restorable moment",
            "  tidemark drill --at latest",
            "  tidemark drill --every 6h                      until it is stopped",
            "  tidemark drill --redis-server /opt/redis-8/bin/redis-server"
        })
final class DrillCommand implements Callable<Integer> {
    private static final String RANDOM = "random";

    @ParentCommand
    private TidemarkCommand tidemark;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--at",
            paramLabel = "T",
            description = "The time to restore: random (the default), " + TimeArgument.FORMS + ".")
    private String at = RANDOM;

    @Option(names = "--every", paramLabel = "TIME", description = "Again and again, for example every 6h.")
    private Optional<String> every = Optional.empty();

    @Option(
            names = "--redis-server",
            paramLabel = "FILE",
            description =
                    "The server to restore into, of the source's version or later; by default the one on the PATH.")
    private Optional<Path> binary = Optional.empty();

    @Option(
            names = "--embedding-field",
            paramLabel = "NAME",
            description = "The field of hashes that holds their embedding; text_embedding by default.")
    private String embeddingField = "text_embedding";

    @Option(names = "--no-tail", description = "Do not ask Kafka for what is not on S3 yet.")
    private boolean withoutTail;

    @Override
    public Integer call() {
        Optional<Duration> interval = every.map(RestoreWords::parsedAge);
        Settings settings = tidemark.settings(Role.RESTORER);
        Stop.Words words = tidemark.onStop(
                ended -> Optional.of("stopped; the server of this drill goes with it, nothing else was touched"));
        try {
            while (true) {
                Instant beganAt = Instant.now();
                ExitCode code = once(settings, interval);
                if (interval.isEmpty()) {
                    return code.number();
                }
                Duration left = Duration.between(Instant.now(), beganAt.plus(interval.get()));
                Thread.sleep(Math.max(0, left.toMillis()));
            }
        } catch (InterruptedException stopped) {
            // What there is to say is said by whoever stopped us.
            Thread.currentThread().interrupt();
            return ExitCode.UNEXPECTED.number();
        } finally {
            words.close();
        }
    }

    private ExitCode once(Settings settings, Optional<Duration> interval) throws InterruptedException {
        PrintWriter log = spec.commandLine().getErr();
        try (RedisServer scratch = RedisServer.start(
                        binary.map(RedisServer.Options.defaults()::withBinary).orElse(RedisServer.Options.defaults()));
                Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            log.printf("restoring into a redis-server %s of this drill's own%n", scratch.version());
            Optional<Instant> time = at.equals(RANDOM) ? Optional.empty() : Optional.of(instant(lookout));
            DrillReport report = lookout.drill(
                    RestoreTarget.at(scratch.uri()),
                    new DrillOptions(time, embeddingField, !withoutTail),
                    new Random(),
                    new ProgressLines(log));
            if (Thread.currentThread().isInterrupted()) {
                // A drill that was told to stop has found nothing, so it leaves no report.
                throw new InterruptedException();
            }
            String json = tidemark.json(DrillWords.json(report, interval));
            String page = lookout.publish(
                    report,
                    json.getBytes(StandardCharsets.UTF_8),
                    DrillWords.page(report).getBytes(StandardCharsets.UTF_8));
            tidemark.answer(DrillWords.text(report) + "\npublished  " + page, DrillWords.json(report, interval));
            return report.exitCode();
        } catch (TidemarkError stopped) {
            if (interval.isEmpty()) {
                throw stopped;
            }
            // The next one may get further; one that is missing shows in 'tidemark status'.
            log.println(stopped.getMessage());
            return stopped.code();
        }
    }

    private Instant instant(Lookout lookout) {
        return tidemark.time(at).at().orElseGet(() -> lookout.plan(Optional.empty(), !withoutTail)
                .to());
    }
}
