package dev.tidemark.standalone.command;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchiveCheckup;
import dev.tidemark.capture.CaptureCheckup;
import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.runbook.ShellWord;
import dev.tidemark.standalone.up.DataDirectory;
import dev.tidemark.standalone.up.EmbeddedServers;
import dev.tidemark.standalone.up.FirstStart;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "up",
        description = {
            "Back up one Redis with nothing else installed: capture, compactor, a Kafka broker and an S3 bucket on a"
                    + " folder, all on 127.0.0.1; runs until it is stopped, and goes on where it was.",
            "",
            "Everything lies in one directory. The tidemark.yml in it is for all other commands too, and moves the"
                    + " pipeline: name a Kafka of your own in kafka.bootstrap, and a new source.name, and the next start"
                    + " uses it and runs no broker.",
            "",
            "Every six hours it drills: restores a random moment into a redis-server of its own on this machine, as"
                    + " large as the source while it lasts, compares every key, and leaves a report that 'tidemark status'"
                    + " shows.",
            "",
            "Memory: 512 MB of heap here when started by ./tidemark (otherwise -Xmx512m bounds it), 256 MB in the"
                    + " broker, a process of its own. A password of Redis comes from TIDEMARK_REDIS_PASSWORD, or"
                    + " redis.password-file in tidemark.yml; the authority of its certificate, if it is one of your own,"
                    + " from TIDEMARK_REDIS_CA_FILE or redis.ca-file.",
            "",
            "The credentials of --s3 come from where AWS's tools look: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
                    + " AWS_PROFILE, a role; or from TIDEMARK_S3_ACCESS_KEY_ID and TIDEMARK_S3_SECRET_ACCESS_KEY, or"
                    + " s3.access-key-id and s3.secret-access-key-file in tidemark.yml. The first start tries the bucket."
        },
        footer = {
            "  tidemark up --redis redis://127.0.0.1:6379",
            "  tidemark up                                    again, in the same directory",
            "  tidemark up --redis redis://10.0.0.7:6379 --data /var/lib/tidemark --s3 s3://my-backups/redis",
            "  tidemark status -c tidemark-data/tidemark.yml  whether it is protected"
        })
final class UpCommand implements Callable<Integer> {
    private static final String STOPPED = "stopped before it had started; nothing is left running";

    /** Without these there is nobody to back up, and a first start is most likely mistyped. */
    private static final Set<String> REACHED = Set.of("reachable", "tls", "authentication", "primaries");

    private final ServiceStart capture;
    private final ServiceStart compactor;

    @ParentCommand
    private TidemarkCommand tidemark;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "The Redis to back up; needed the first time. redis:// or rediss:// (TLS).")
    private Optional<URI> redis = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where everything lies, on a disk that survives a restart; ./tidemark-data by default.")
    private Path data = Path.of("tidemark-data");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "source.name of a new directory: a-z, 0-9 and '-'; redis by default.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--s3",
            paramLabel = "S3URI",
            description = "The first time: s3://bucket or s3://bucket/root in place of a folder.")
    private Optional<URI> s3 = Optional.empty();

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "With --s3: the address of a store other than Amazon's.")
    private Optional<URI> endpoint = Optional.empty();

    @Option(names = "--region", paramLabel = "REGION", description = "With --s3: us-east-1 by default.")
    private Optional<String> region = Optional.empty();

    @Option(
            names = "--drill-every",
            paramLabel = "TIME",
            description =
                    "How often it drills; 6h by default, and 0s never. A drill needs memory for the whole data set.")
    private String drillEvery = "6h";

    @Option(
            names = "--redis-server",
            paramLabel = "FILE",
            description =
                    "The server that drills restore into, of the source's version or later; by default the one on the"
                            + " PATH.")
    private Optional<Path> drillServer = Optional.empty();

    UpCommand(ServiceStart capture, ServiceStart compactor) {
        this.capture = capture;
        this.compactor = compactor;
    }

    @Override
    public Integer call() {
        Duration drillInterval = RestoreWords.parsedAge(drillEvery);
        Archive.requireNativeCode();
        try (DataDirectory directory = DataDirectory.claim(tidemark.here(data))) {
            Settings settings = directory.isNew() ? begun(directory) : asBefore(directory);
            run(directory, settings, drillInterval);
        } catch (RuntimeException e) {
            throw Thread.currentThread().isInterrupted() ? stopped(e) : e;
        }
        return ExitCode.DONE.number();
    }

    /** In place of what was cut short, which would blame a server. */
    private static TidemarkError stopped(RuntimeException cutShort) {
        return new TidemarkError(ExitCode.UNEXPECTED, STOPPED, cutShort);
    }

    /** A beginning that came to nothing is taken back: it would contradict the command line that is put right. */
    private Settings begun(DataDirectory directory) {
        FirstStart firstStart = firstStart(directory);
        Stop.Words words = tidemark.onStop(ended -> left(directory, ended));
        try {
            directory.begin(firstStart);
            Settings settings = tidemark.settingsOf(directory.config(), Role.CAPTURE);
            requireSame(directory, settings);
            requireRedis(settings);
            if (s3.isPresent()) {
                requireBucket(settings);
            }
            if (Stop.hasBegun()) {
                // Swallowed on the way: what was started now would lose its beginning to the stop.
                throw new TidemarkError(ExitCode.UNEXPECTED, STOPPED);
            }
            return settings;
        } catch (RuntimeException e) {
            directory.abandon();
            throw Stop.hasBegun() ? stopped(e) : e;
        } finally {
            words.close();
        }
    }

    /** A library that waits may swallow what it is told; then the beginning is taken back for it, and the process ends. */
    private static Optional<String> left(DataDirectory directory, boolean ended) {
        if (ended) {
            return Optional.empty();
        }
        directory.abandon();
        return Optional.of(STOPPED);
    }

    private Settings asBefore(DataDirectory directory) {
        Settings settings = tidemark.settingsOf(directory.config(), Role.CAPTURE);
        requireSame(directory, settings);
        return settings;
    }

    private FirstStart firstStart(DataDirectory directory) {
        URI source = redis.orElseThrow(() -> new TidemarkError(
                ExitCode.USAGE,
                "%s is new, so --redis must say which Redis to back up; nothing was started. For example: tidemark up --redis redis://127.0.0.1:6379"
                        .formatted(directory.path())));
        if (s3.isEmpty() && (endpoint.isPresent() || region.isPresent())) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "--endpoint and --region say where --s3 s3://bucket is, which is not given; nothing was started");
        }
        return FirstStart.of(name.orElse("redis"), source, s3.map(this::bucket));
    }

    private FirstStart.OutsideBucket bucket(URI address) {
        if (!"s3".equals(address.getScheme()) || address.getAuthority() == null) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "--s3 is '%s'; nothing was started. It is s3://bucket or s3://bucket/root".formatted(address));
        }
        String root = address.getPath() == null ? "" : address.getPath().replaceAll("^/+|/+$", "");
        return new FirstStart.OutsideBucket(address.getAuthority(), root, endpoint, region);
    }

    /** To go on silently as the directory says would let the user believe the command line, as that the archive left this machine. */
    private void requireSame(DataDirectory directory, Settings settings) {
        S3Settings said = settings.s3();
        Contradictions contradictions = new Contradictions();
        contradictions.between("--redis", redis, "redis.uri", settings.redis().uri());
        contradictions.between(
                "--name", name, "source.name", Optional.of(settings.source().name()));
        Optional<FirstStart.OutsideBucket> wanted = s3.map(this::bucket);
        if (wanted.isPresent() && directory.keepsBucketOf(settings)) {
            contradictions.add("--s3", s3.orElseThrow(), "the archive lies in the folder s3 of that directory");
        } else {
            contradictions.between(
                    "the bucket of --s3",
                    wanted.map(FirstStart.OutsideBucket::bucket),
                    "s3.bucket",
                    Optional.of(said.bucket()));
            contradictions.between(
                    "the root of --s3",
                    wanted.map(FirstStart.OutsideBucket::root),
                    "s3.root",
                    Optional.of(said.root()));
        }
        contradictions.between("--endpoint", endpoint, "s3.endpoint", said.endpoint());
        contradictions.between("--region", region, "s3.region", Optional.of(said.region()));
        contradictions.refuse(directory.path(), directory.config());
    }

    /** Later starts wait for a Redis that is away; at the first one it is the word on the command line that is wrong. */
    private void requireRedis(Settings settings) {
        Findings findings =
                Findings.of("redis", settings.redis().uri().orElseThrow().getAuthority());
        CaptureCheckup.redis(settings, Clock.systemUTC(), findings);
        Optional<Finding> away = findings.soFar().stream()
                .filter(each -> each.state() == Finding.State.MISSING && REACHED.contains(each.check()))
                .findFirst();
        if (away.isPresent()) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s: %s; nothing was started. %s"
                            .formatted(
                                    away.get().check(),
                                    away.get().found(),
                                    wayOut(away.get().check())));
        }
        findings.soFar().stream()
                .filter(each ->
                        each.state() == Finding.State.WARNING && each.check().equals("databases"))
                .findFirst()
                .ifPresent(databases -> spec.commandLine()
                        .getErr()
                        .printf(
                                "WARNING    databases: %s; put %s into tidemark.yml, and start it again%n",
                                databases.found(),
                                databases.mend().orElseThrow().line()));
    }

    private static String wayOut(String check) {
        return switch (check) {
            case "authentication" ->
                "Set TIDEMARK_REDIS_PASSWORD, and TIDEMARK_REDIS_USERNAME for a user other than default, and start it again";
            case "tls" ->
                "Set TIDEMARK_REDIS_CA_FILE to the certificate of its authority, if that is one of your own, and start it again; or name the right one with --redis";
            default -> "Start Redis, or name the right one with --redis";
        };
    }

    /** All that the archive asks of a store, tried: what it refuses later would be found by nobody who looks at a terminal. */
    private static void requireBucket(Settings settings) {
        Findings findings = Findings.of("s3", settings.s3().bucket());
        new ArchiveCheckup(settings.s3(), settings.source().name(), findings).run();
        Optional<Finding> refused = findings.soFar().stream()
                .filter(each -> each.state() == Finding.State.MISSING)
                .findFirst();
        if (refused.isPresent()) {
            String check = refused.get().check();
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "%s of --s3: %s; nothing was started. %s"
                            .formatted(check, refused.get().found(), nextForBucket(check)));
        }
    }

    private static String nextForBucket(String check) {
        return switch (check) {
            case "credentials" ->
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or TIDEMARK_S3_ACCESS_KEY_ID and"
                        + " TIDEMARK_S3_SECRET_ACCESS_KEY, and start it again";
            case "bucket" -> "Create it, or name the right one with --s3";
            case "reachable" -> "Start the store, or name the right one with --endpoint and --region";
            default -> "'tidemark policy' prints the rights that are needed; grant them, and start it again";
        };
    }

    private void run(DataDirectory directory, Settings settings, Duration drillInterval) {
        // Capture creates the topics, which the compactor wants to find.
        List<Supplier<ServiceRun>> parts = new ArrayList<>(List.of(
                () -> servers(directory, settings), () -> capture.start(settings), () -> compactor.start(settings)));
        if (!drillInterval.isZero()) {
            parts.add(() -> DrillsBeside.start(drills(settings), drillInterval));
        }
        ServiceRun pipeline = ServiceRun.together("up", parts);
        tell(directory, settings);
        pipeline.untilItEnds();
    }

    private DrillRounds drills(Settings settings) {
        RedisServer.Options server =
                drillServer.map(RedisServer.Options.defaults()::withBinary).orElse(RedisServer.Options.defaults());
        DrillRounds.Wish wish = new DrillRounds.Wish(
                DrillRounds.RANDOM,
                server,
                settings.compactor().columns().fields().embedding().orElse("text_embedding"),
                true);
        return new DrillRounds(tidemark, settings, wish, spec.commandLine().getErr());
    }

    private static ServiceRun servers(DataDirectory directory, Settings settings) {
        EmbeddedServers servers = EmbeddedServers.start(directory, settings);
        return new ServiceRun("servers", servers::await, servers::close);
    }

    private void tell(DataDirectory directory, Settings settings) {
        URI source = settings.redis().uri().orElseThrow();
        String text = """
            %s is being backed up, and everything lies in %s. Ctrl-C stops it; the same command goes on.
            next:      tidemark status -c %s\
            """.formatted(source, directory.path(), ShellWord.of(directory.config()));
        tidemark.answer(text, Map.of("redis", source, "data", directory.path(), "config", directory.config()));
    }
}
