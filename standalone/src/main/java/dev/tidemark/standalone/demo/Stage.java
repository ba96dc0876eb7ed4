package dev.tidemark.standalone.demo;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.configuration.Configuration;
import dev.tidemark.standalone.demo.Demo.TypedCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the demonstration plays: a Redis, an empty one, and {@code tidemark up}; all of it gone when it is closed. */
final class Stage implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** No port for metrics, which a service of this machine may have, or another demo that starts now. */
    private static final Map<String, String> UNSEEN =
            Map.of("TIDEMARK_HTTP_CAPTURE_PORT", "0", "TIDEMARK_HTTP_COMPACTOR_PORT", "0");

    private static final Duration END_WITHIN = Duration.ofSeconds(30);

    private final Path directory;
    private final RedisServer source;
    private final RedisServer empty;
    private final Thread atExit = new Thread(this::clear, "demo-clear");
    private Optional<Thread> up = Optional.empty();

    private Stage(Path directory, RedisServer source, RedisServer empty) {
        this.directory = directory;
        this.source = source;
        this.empty = empty;
    }

    static Stage open() {
        RedisServer source = RedisServer.start();
        try {
            Stage stage = new Stage(temporaryDirectory(), source, RedisServer.start());
            Runtime.getRuntime().addShutdownHook(stage.atExit);
            return stage;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    RedisServer source() {
        return source;
    }

    RedisServer empty() {
        return empty;
    }

    Path data() {
        return directory.resolve("data");
    }

    Path config() {
        return data().resolve("tidemark.yml");
    }

    /** Runs {@code up} beside everything that follows, as in another terminal. */
    void up(TypedCommand command, List<String> arguments) {
        Thread thread = new Thread(() -> command.run(UNSEEN, arguments.toArray(String[]::new)), "demo-up");
        thread.setDaemon(true);
        thread.start();
        up = Optional.of(thread);
    }

    /** Returns once a moment after that one can be restored. */
    Points awaitRestorable(Instant past) {
        Await.until(PATIENCE, () -> Files.exists(config()) || hasEnded(), "a configuration of 'tidemark up'");
        return Await.seldom(
                PATIENCE,
                () -> {
                    if (hasEnded()) {
                        throw new TidemarkError(
                                ExitCode.UNEXPECTED, "'tidemark up' has ended, and said why above; so ends the demo");
                    }
                    return points().filter(points ->
                            points.latest().map(past::isBefore).orElse(false));
                },
                "that " + past + " can be restored");
    }

    /** Returns once a restore to the latest moment holds all that was written by then: once its exactness reaches no further back. */
    void awaitHolding(Instant written) {
        awaitRestorable(written);
        try (Restorer restorer = Restorer.open(settings())) {
            Await.seldom(
                    PATIENCE,
                    () -> Optional.of(restorer.plan(Optional.empty(), true))
                            .filter(plan -> plan.to().minus(plan.exactness()).isAfter(written)),
                    "that a restore holds all of " + written);
        }
    }

    private boolean hasEnded() {
        return up.map(thread -> !thread.isAlive()).orElse(true);
    }

    /** None while the servers are starting. */
    private Optional<Points> points() {
        try (Restorer restorer = Restorer.open(settings())) {
            return Optional.of(restorer.points(true));
        } catch (TidemarkError starting) {
            if (starting.code() == ExitCode.UNREACHABLE) {
                return Optional.empty();
            }
            throw starting;
        }
    }

    /** How long before the disaster the last moment lies that can be restored; the disaster itself is a doubt. */
    Duration lossAt(Instant disaster) {
        try (Restorer restorer = Restorer.open(settings())) {
            Instant last = restorer.points(true).ranges().stream()
                    .filter(range -> range.from().isBefore(disaster))
                    .map(TimeRange::through)
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> new TidemarkError(
                            ExitCode.UNEXPECTED, "no moment before the disaster can be restored; see above"));
            return last.isBefore(disaster) ? Duration.between(last, disaster) : Duration.ZERO;
        }
    }

    private Settings settings() {
        return new Configuration(directory, Map.of()).load(Optional.of(config()), Role.RESTORER);
    }

    /** Waits until somebody stops this process, or {@code up} ends. */
    void keep() {
        try {
            if (up.isPresent()) {
                up.get().join();
            }
        } catch (InterruptedException stopped) {
            // The end that was announced. It is not passed on: an interrupted thread cannot wait for what it closes.
        }
    }

    @Override
    public void close() {
        clear();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException stoppingAlready) {
            // Then it does what we did, and finds nothing.
        }
    }

    /** First who writes, then what was written. */
    private synchronized void clear() {
        up.ifPresent(thread -> {
            thread.interrupt();
            try {
                thread.join(END_WITHIN.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        empty.close();
        source.close();
        delete(directory);
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory(
                    "tidemark-demo-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new TidemarkError(
                    ExitCode.UNEXPECTED, "%s could not be deleted (%s); delete it".formatted(directory, e), e);
        }
    }
}
