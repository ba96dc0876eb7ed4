package dev.tidemark.standalone.demo;

import dev.tidemark.capture.Capture;
import dev.tidemark.compactor.Compactor;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A chunk store is backed up, ruined twice over, and brought back to the moment before. Everything in it is real. */
public final class Demo {
    private static final int DOCUMENTS = 250;
    private static final int RUINED_DOCUMENT = 7;
    private static final long QUERY = 42;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final PrintStream out;
    private final TypedCommand command;

    /** Runs a command line of ours as if it had been typed, and returns its exit code. */
    public interface TypedCommand {
        int run(String... arguments);
    }

    public Demo(PrintStream out, TypedCommand command) {
        this.out = out;
        this.command = command;
    }

    /** Runs to its end; fails if what came back is not, to the byte, what was there. */
    public ExitCode run() {
        Path directory = temporaryDirectory();
        say("Starting a real Redis, a real Kafka broker and an S3 endpoint on this machine ...");
        try (RedisServer redis = RedisServer.start();
                KafkaBroker kafka = KafkaBroker.start();
                S3Endpoint s3 = S3Endpoint.start();
                RedisServer empty = RedisServer.start()) {
            detail("redis-server %s at %s, Kafka at %s, S3 at %s"
                    .formatted(redis.version(), redis.uri(), kafka.bootstrap(), s3.uri()));
            Path config = writeConfig(directory.resolve("tidemark.yml"), redis, kafka, s3);
            Settings settings = settings(directory, redis, kafka, s3);
            try (ChunkStore store = new ChunkStore(redis.uri());
                    ChunkStore restored = new ChunkStore(empty.uri())) {
                say("Loading %,d chunks of %d documents, each with an embedding of %d floats ..."
                        .formatted(DOCUMENTS * ChunkStore.CHUNKS_A_DOCUMENT, DOCUMENTS, ChunkStore.DIMENSIONS));
                store.ingest(DOCUMENTS);
                Capture capture = Capture.start(settings);
                Compactor compactor = Compactor.start(settings);
                try {
                    return ruinAndRestore(config, settings, store, restored, empty);
                } finally {
                    compactor.close();
                    capture.close();
                }
            }
        }
    }

    private ExitCode ruinAndRestore(
            Path config, Settings settings, ChunkStore store, ChunkStore restored, RedisServer empty) {
        say("Capture and compactor are running; waiting until the first moment can be restored ...");
        awaitRestorable(settings, store.now());

        say("Life goes on: document 3 is edited.");
        store.write(3, "Document %1$d, chunk %2$d, second edition. ".repeat(8), 2);
        String before = store.fingerprint();
        List<ChunkStore.Hit> hits = store.search(QUERY, 3);
        Instant good = store.now();
        detail("%,d chunks, fingerprint %s".formatted(store.keys(), before.substring(0, 16)));
        detail("nearest to the query: " + hits);
        detail("that moment is " + good + "; waiting until it is claimed, which takes about a second");
        awaitRestorable(settings, good);

        say("A bad ingest overwrites the chunks of document %d, and then somebody types FLUSHALL."
                .formatted(RUINED_DOCUMENT));
        store.write(RUINED_DOCUMENT, "lorem ipsum %d %d", 666);
        Instant disaster = store.now();
        store.flush();
        detail("%,d chunks are left".formatted(store.keys()));

        typed(config, "points");
        Duration rpo = lossAt(settings, disaster);
        String to = good.toString();
        if (typed(config, "plan", "--to", to) != ExitCode.DONE.number()) {
            return ExitCode.UNEXPECTED;
        }
        long startedNanos = System.nanoTime();
        int exit = typed(config, "restore", "--to", to, "--into", empty.uri().toString());
        Duration rto = Duration.ofNanos(System.nanoTime() - startedNanos);

        say("The proof, by comparing both stores from outside:");
        boolean sameBytes = restored.fingerprint().equals(before);
        boolean sameHits = restored.search(QUERY, 3).equals(hits);
        detail("%,d chunks, fingerprint %s: %s"
                .formatted(
                        restored.keys(),
                        restored.fingerprint().substring(0, 16),
                        sameBytes ? "the same, to the byte" : "DIFFERENT"));
        detail("nearest to the query: %s: %s"
                .formatted(restored.search(QUERY, 3), sameHits ? "the same" : "DIFFERENT"));
        say("RPO %d ms (what the disaster could have cost), RTO %.1f s."
                .formatted(rpo.toMillis(), rto.toMillis() / 1_000.0));
        return exit == ExitCode.DONE.number() && sameBytes && sameHits ? ExitCode.DONE : ExitCode.DIFFERENT;
    }

    private static void awaitRestorable(Settings settings, Instant past) {
        try (Restorer restorer = Restorer.open(settings)) {
            Await.until(
                    PATIENCE,
                    () -> restorer.points(true).latest().map(past::isBefore).orElse(false),
                    "a moment that can be restored");
        }
    }

    /** How long before the disaster the last moment lies that could be restored, the disaster itself being a doubt. */
    private static Duration lossAt(Settings settings, Instant disaster) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.points(true).ranges().stream()
                    .filter(range -> range.from().isBefore(disaster))
                    .reduce((first, second) -> second)
                    .map(range ->
                            Duration.between(range.through().isBefore(disaster) ? range.through() : disaster, disaster))
                    .orElseThrow(() -> new TidemarkError(
                            ExitCode.UNEXPECTED, "no moment before the disaster can be restored; see the log above"));
        }
    }

    private int typed(Path config, String... arguments) {
        out.printf("%n$ tidemark %s%n", String.join(" ", arguments));
        String[] line = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, line, 0, arguments.length);
        line[arguments.length] = "--config";
        line[arguments.length + 1] = config.toString();
        return command.run(line);
    }

    private void say(String text) {
        out.printf("%n== %s%n", text);
    }

    private void detail(String text) {
        out.println("   " + text);
    }

    private static Settings settings(Path directory, RedisServer redis, KafkaBroker kafka, S3Endpoint s3) {
        return Settings.of(
                        SourceSettings.of("demo", 4),
                        RedisSettings.at(redis.uri()),
                        KafkaSettings.singleBroker(kafka.bootstrap()),
                        S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())))
                .with(CompactorSettings.defaults().cutting(Duration.ofSeconds(5), directory.resolve("streams")));
    }

    /** The file that the typed commands read; it holds the endpoint's password, so it is the owner's alone. */
    private static Path writeConfig(Path file, RedisServer redis, KafkaBroker kafka, S3Endpoint s3) {
        String yaml =
                """
                source: {name: demo, shards: 4}
                redis: {uri: "%s"}
                kafka: {bootstrap: "%s", single-copy: true}
                s3: {bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key: "%s"}
                """.formatted(redis.uri(), kafka.bootstrap(), s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey());
        try {
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporaryDirectory() {
        try {
            Path directory = Files.createTempDirectory(
                    "tidemark-demo-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (java.util.stream.Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
