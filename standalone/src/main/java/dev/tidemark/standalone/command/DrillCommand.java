package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.times.TimeArgument;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "drill",
        description = {
            "Practise: restore a time into a redis-server of its own on this machine, compare every key with the"
                    + " archive, and search by vector there and on the source.",
            "",
            "Measures RPO and RTO, and leaves a report and a page in drills/ on S3, which 'tidemark status' reads."
                    + " Needs memory for the whole data set. Exit code 6 when anything differs, else that of what stopped"
                    + " it."
        },
        footer = {
            "  tidemark drill                                 any restorable moment",
            "  tidemark drill --at latest",
            "  tidemark drill --every 6h                      until it is stopped",
            "  tidemark drill --next-in 6h                    from a cron job that runs every six hours",
            "  tidemark drill --redis-server /opt/redis-8/bin/redis-server"
        })
final class DrillCommand implements Callable<Integer> {
    @ParentCommand
    private TidemarkCommand tidemark;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--at",
            paramLabel = "T",
            description = "The time to restore: random (the default), " + TimeArgument.FORMS + ".")
    private String at = DrillRounds.RANDOM;

    @ArgGroup
    private Clockwork clockwork = new Clockwork();

    /** Who sees to the next drill: this process, or a scheduler that starts another one. */
    private static final class Clockwork {
        @Option(names = "--every", paramLabel = "TIME", description = "Again and again, for example every 6h.")
        private Optional<String> every = Optional.empty();

        @Option(
                names = "--next-in",
                paramLabel = "TIME",
                description = {
                    "Once, by a scheduler that starts the next one after this time; 'tidemark status' says so when it is"
                            + " missing for as long again."
                })
        private Optional<String> nextIn = Optional.empty();
    }

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
        Optional<Duration> every = clockwork.every.map(DrillCommand::interval);
        Optional<Duration> nextIn = clockwork.nextIn.map(DrillCommand::interval);
        DrillRounds.Wish wish = new DrillRounds.Wish(
                at,
                binary.map(RedisServer.Options.defaults()::withBinary).orElse(RedisServer.Options.defaults()),
                embeddingField,
                !withoutTail);
        DrillRounds rounds = new DrillRounds(
                tidemark,
                tidemark.settings(Role.RESTORER),
                wish,
                spec.commandLine().getErr());
        Stop.Words words = tidemark.onStop(
                ended -> Optional.of("stopped; the server of this drill goes with it, nothing else was touched"));
        try {
            if (every.isPresent()) {
                rounds.repeat(every.get());
            }
            return rounds.once(nextIn).number();
        } catch (InterruptedException stopped) {
            // What there is to say is said by whoever stopped us.
            Thread.currentThread().interrupt();
            return ExitCode.UNEXPECTED.number();
        } finally {
            words.close();
        }
    }

    private static Duration interval(String text) {
        Duration interval = RestoreWords.parsedAge(text);
        if (interval.isZero()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "'%s' is no time between two drills; for example 6h. Nothing was done".formatted(text));
        }
        return interval;
    }
}
