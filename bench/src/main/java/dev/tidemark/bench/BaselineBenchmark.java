package dev.tidemark.bench;

import dev.tidemark.compactor.baseline.BaselineTaker;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.StoredFile;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A baseline streamed to S3, read to its end on the way there, beside {@code redis-cli --rdb} which writes what comes to a file,
 * and beside what else brings it to S3: that file, put there afterwards.
 */
final class BaselineBenchmark implements Benchmark {
    private static final Goal GOAL = Goal.atLeast(0.9);
    private static final Goal AGAINST_COPY = Goal.atLeast(1);
    private static final String SOURCE = "baseline";

    /** As much as may be set: nothing is to be held back here. */
    private static final long BYTES_PER_SECOND = 65_536L << 20;

    /** Neither side waits for replicas that might come too, and what the first of them brings about is never undone. */
    private static final byte[] REPLICATION =
            "CONFIG SET repl-diskless-sync-delay 0 repl-backlog-ttl 0\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Duration warmUp;

    BaselineBenchmark() {
        this(Duration.ofSeconds(20));
    }

    BaselineBenchmark(Duration warmUp) {
        this.warmUp = warmUp;
    }

    @Override
    public String name() {
        return "baseline";
    }

    @Override
    public String about() {
        return "MB/s of a snapshot streamed to S3; limit: redis-cli --rdb to a file, then S3";
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        DataSet chunks = new DataSet(KeyKind.VECTOR, request.chunks());
        List<Double> datingSeconds = new ArrayList<>();
        List<Double> copies = new ArrayList<>();
        try (Ground ground = Ground.start(request.progress());
                Opened opened = new Opened()) {
            Path directory = Pipeline.temporaryDirectory();
            opened.add(() -> Pipeline.delete(directory));
            opened.add(new PlainRedis(ground.redis())).exchange(REPLICATION, "+OK\r\n".length());
            // The first that attaches changes the server's replication id: before capture, or it would read all again.
            redisCli(ground, directory.resolve("first.rdb"));
            CaptureCourse course = opened.add(new CaptureCourse(ground, SOURCE, chunks));
            Settings settings = course.capture()
                    .settings()
                    .with(CompactorSettings.defaults().withBaselines(Duration.ZERO, BYTES_PER_SECOND));
            RawBucket bucket = opened.add(new RawBucket(settings.s3(), 1));
            BaselineTaker taker = opened.add(BaselineTaker.open(settings, Clock.systemUTC()));
            Alternation rates = Alternation.of(
                    name(),
                    warmUp,
                    request.rounds(),
                    () -> ours(ground, taker, datingSeconds),
                    () -> limit(ground, directory.resolve("dump.rdb"), bucket, copies),
                    request.progress());
            return new BenchmarkReport(
                    name(),
                    List.of(
                            Metric.of("baseline, against redis-cli --rdb", "MB/s", rates.ours(), rates.limit(), GOAL),
                            Metric.of(
                                    "baseline, against redis-cli --rdb and its file put to S3",
                                    "MB/s",
                                    rates.ours(),
                                    Samples.last(copies, request.rounds()),
                                    AGAINST_COPY)),
                    request.rounds(),
                    List.of(
                            "from the request to the snapshot whole on S3, read to its end and its checksum matched; repl-diskless-sync-delay is 0 for both",
                            String.format(
                                    Locale.ROOT,
                                    "to date it and write its manifest took %.1f s more, whatever its size: a barrier after the fork must be claimed",
                                    new Samples(datingSeconds).median())),
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }
    }

    private static double ours(Ground ground, BaselineTaker taker, List<Double> datingSeconds) {
        Instant began = Instant.now();
        Baseline baseline = taker.fromReplication();
        Instant dated = Instant.now();
        StoredFile snapshot = baseline.nodes().get(0).snapshot();
        Instant whole = visibleSince(ground.s3()
                .directory()
                .resolve(ground.s3().bucket())
                .resolve(SOURCE)
                .resolve(snapshot.key().path()));
        datingSeconds.add(seconds(whole, dated));
        return snapshot.bytes() / 1e6 / seconds(began, whole);
    }

    /**
     * An object of this endpoint is a file, which has its name when the object is whole; that is the last that happens to it. Asked
     * afterwards, for to look again and again would take of the two cores what is measured.
     */
    private static Instant visibleSince(Path object) {
        try {
            return ((FileTime) Files.getAttribute(object, "unix:ctime")).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }

    /**
     * One that only writes it; what it takes to bring it to S3 too comes on top.
     *
     * @param copies gets the rate of both together
     */
    private static double limit(Ground ground, Path file, RawBucket bucket, List<Double> copies) {
        double written = redisCli(ground, file);
        try {
            long bytes = Files.size(file);
            long began = System.nanoTime();
            bucket.put(file);
            double put = bytes * 1e3 / (System.nanoTime() - began);
            copies.add(1 / (1 / written + 1 / put));
            bucket.clear();
            Files.delete(file);
            return written;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double redisCli(Ground ground, Path file) {
        try {
            long began = System.nanoTime();
            int code = new ProcessBuilder(
                            "redis-cli", "-p", Integer.toString(ground.redis().port()), "--rdb", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            long ended = System.nanoTime();
            if (code != 0) {
                throw new IllegalStateException("redis-cli --rdb ended with code " + code);
            }
            return Files.size(file) * 1e3 / (ended - began);
        } catch (IOException e) {
            throw new UncheckedIOException("redis-cli --rdb cannot be run; it comes with Redis's own tools", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while redis-cli reads", e);
        }
    }
}
