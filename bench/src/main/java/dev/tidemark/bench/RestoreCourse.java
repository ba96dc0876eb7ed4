package dev.tidemark.bench;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.ReplicationPort;
import dev.tidemark.restorer.RestoreFile;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One archive, restored again and again in each way, and the same bytes brought there by nothing of ours. */
final class RestoreCourse implements AutoCloseable {
    private static final double NANOS_A_SECOND = 1e9;

    private final Settings settings;
    private final Path directory;
    private final Path commands;
    private final DataSet data;
    private final Restorer restorer;
    private final List<Double> untilFirstWrite = new ArrayList<>();
    private final List<Double> proofs = new ArrayList<>();

    /**
     * Opens clients.
     *
     * @param directory holds dump.rdb, of the data as it is restored
     * @param commands that write the same, for redis-cli
     */
    RestoreCourse(Settings settings, DataSet data, Path directory, Path commands) {
        this.settings = settings;
        this.data = data;
        this.directory = directory;
        this.commands = commands;
        this.restorer = Restorer.open(settings);
    }

    @FunctionalInterface
    private interface Way {
        RestoreReport restore(RestorePlan plan, RestoreListener listener);
    }

    /** Seconds from the plan until everything is there; it is proven after that, and not right is an error. */
    private double timed(Way way) {
        RestorePlan plan = restorer.plan(Optional.empty(), false);
        if (plan.baseline().isEmpty()) {
            throw new IllegalStateException("the plan starts from no baseline, so this measures something else");
        }
        long began = System.nanoTime();
        long[] validated = {began};
        long[] written = {0};
        RestoreReport report = way.restore(plan, progress -> {
            if (progress.phase() == Phase.VALIDATING || progress.phase() == Phase.WAITING) {
                validated[0] = System.nanoTime();
            } else if (progress.phase() == Phase.PROVING && written[0] == 0) {
                written[0] = System.nanoTime();
            }
        });
        long ended = System.nanoTime();
        if (!report.isProven() || report.keysWritten() != data.keys()) {
            throw new IllegalStateException(
                    "%d of %d keys were restored: this measured nothing".formatted(report.keysWritten(), data.keys()));
        }
        untilFirstWrite.add((validated[0] - began) / NANOS_A_SECOND);
        proofs.add((ended - written[0]) / NANOS_A_SECOND);
        return (written[0] - began) / NANOS_A_SECOND;
    }

    /** Written key by key. */
    double into() {
        try (RedisServer target = RedisServer.start()) {
            return timed((plan, listener) ->
                    restorer.restore(plan, RestoreTarget.at(target.uri()), RestoreOptions.careful(), listener));
        }
    }

    /**
     * By what factor the plan's estimate is off, once such a restore was measured here: a drill leaves its report, and the
     * next restore is planned by it.
     */
    double estimate() {
        Instant began = Instant.now();
        Timed drill = drilled();
        try (Archive archive = Archive.open(settings.s3(), settings.source().name())) {
            String report = "{\"passed\": true, \"rto_seconds\": %s, \"bytes_read\": %d, \"changes_read\": %d}"
                    .formatted(drill.seconds, drill.plan.bytes(), drill.plan.rowsMax());
            archive.drills().publish(began, report.getBytes(StandardCharsets.UTF_8), new byte[0]);
        }
        Timed next = drilled();
        double estimated = next.plan.estimate().toMillis() / 1e3;
        return Math.max(estimated / next.seconds, next.seconds / estimated);
    }

    private record Timed(RestorePlan plan, double seconds) {}

    /** From the decision until the proof, as a drill counts it. */
    private Timed drilled() {
        try (RedisServer target = RedisServer.start()) {
            long began = System.nanoTime();
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            restorer.restore(plan, RestoreTarget.at(target.uri()), RestoreOptions.careful(), RestoreListener.silent());
            return new Timed(plan, (System.nanoTime() - began) / NANOS_A_SECOND);
        }
    }

    /** The same keys by redis-cli, from a file of commands. */
    double piped() {
        try (RedisServer target = RedisServer.start()) {
            long began = System.nanoTime();
            Process cli = new ProcessBuilder("redis-cli", "-p", Integer.toString(target.port()), "--pipe")
                    .redirectInput(commands.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int code = cli.waitFor();
            long ended = System.nanoTime();
            if (code != 0) {
                throw new IllegalStateException("redis-cli --pipe ended with " + code);
            }
            return (ended - began) / NANOS_A_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException("redis-cli cannot be run; it comes with redis-tools", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while redis-cli ran", e);
        }
    }

    /** As the primary of a replica that has no disk in between. */
    double served() {
        RedisServer.Options options = RedisServer.Options.defaults().withConfig("repl-diskless-load on-empty-db");
        try (RedisServer target = RedisServer.start(options)) {
            ReplicationPort port = new ReplicationPort(
                    "127.0.0.1",
                    FreePort.next(),
                    Optional.empty(),
                    Optional.of(RestoreTarget.at(target.uri())),
                    Optional.empty(),
                    Optional.empty());
            return timed((plan, listener) -> restorer.restore(plan, port, RestoreOptions.careful(), listener));
        }
    }

    /** A server that starts with an equal snapshot, until it answers. */
    double loadedAtStart() {
        RedisServer.Options options = RedisServer.Options.defaults().withDirectory(directory);
        long began = System.nanoTime();
        try (RedisServer target = RedisServer.start(options);
                PlainRedis client = new PlainRedis(target)) {
            // While it loads it answers with nothing but an error.
            client.timeMicros();
            return (System.nanoTime() - began) / NANOS_A_SECOND;
        }
    }

    /** Megabytes of the plan a second, into a file. */
    double rdb() {
        Path file = directory.resolve("restored.rdb");
        RestoreOptions replacing = RestoreOptions.careful().replacing();
        double seconds = timed((plan, listener) -> restorer.restore(plan, new RestoreFile(file), replacing, listener));
        return megabytes() / seconds;
    }

    /** The same objects, fetched into a file and not looked at. */
    double copied() {
        RestorePlan plan = restorer.plan(Optional.empty(), false);
        Path file = directory.resolve("copied");
        long began = System.nanoTime();
        try (Archive archive = Archive.open(settings.s3(), settings.source().name());
                OutputStream out = Files.newOutputStream(file)) {
            for (Node node : plan.baseline().orElseThrow().nodes()) {
                StoredFile snapshot = node.snapshot();
                try (InputStream in = archive.baselines().open(snapshot, 0, snapshot.bytes())) {
                    in.transferTo(out);
                }
            }
            long ended = System.nanoTime();
            long bytes = plan.baseline().orElseThrow().bytes();
            return bytes / 1e6 / ((ended - began) / NANOS_A_SECOND);
        } catch (IOException e) {
            throw new UncheckedIOException("the copy cannot be written", e);
        }
    }

    private double megabytes() {
        return restorer.plan(Optional.empty(), false).bytes() / 1e6;
    }

    /** Of the copy alone, which is of the baseline. */
    double copiedMegabytes() {
        return restorer.plan(Optional.empty(), false).baseline().orElseThrow().bytes() / 1e6;
    }

    /** In seconds, of every round so far. */
    Samples untilFirstWrite() {
        return new Samples(untilFirstWrite);
    }

    Samples proofs() {
        return new Samples(proofs);
    }

    @Override
    public void close() {
        restorer.close();
    }
}
