package dev.tidemark.bench;

import dev.tidemark.restorer.Points;
import dev.tidemark.schemas.settings.CompactorSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How old what S3 alone can restore becomes while nobody writes: the bound must hold without any traffic to push it. */
final class IdleBenchmark implements Benchmark {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Goal GOAL = Goal.atMost(1);
    private static final int SAMPLES_BETWEEN_LINES = 12;
    private static final byte[] ONE_KEY = "SET the-only-key 1\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Duration cutAge;
    private final Duration sampleEvery;

    IdleBenchmark() {
        this(CompactorSettings.defaults().cutAge(), Duration.ofSeconds(5));
    }

    IdleBenchmark(Duration cutAge, Duration sampleEvery) {
        this.cutAge = cutAge;
        this.sampleEvery = sampleEvery;
    }

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String about() {
        return "age of what S3 alone restores while idle; limit: 90 s";
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        try (Ground ground = Ground.start(request.progress());
                Pipeline pipeline =
                        Pipeline.live(ground, "idle", cutAge, redis -> redis.exchange(ONE_KEY, "+OK\r\n".length()))) {
            int segmentsBefore = segments(pipeline.points());
            Samples ages = sample(pipeline, request);
            Points after = pipeline.points();
            Samples limit = Samples.of(seconds(LIMIT));
            return new BenchmarkReport(
                    name(),
                    List.of(
                            worst("rpo on S3, max", ages, ages.spread().max(), limit),
                            worst("rpo on S3, p99", ages, ages.percentile(0.99), limit)),
                    1,
                    List.of(
                            "%d samples of what 'tidemark points' says of S3 alone, one every %s s; the age may have been that much higher in between"
                                    .formatted(ages.values().size(), BenchmarkReport.number(seconds(sampleEvery))),
                            "restorable in %d range(s); %d segments written while idle"
                                    .formatted(after.ranges().size(), segments(after) - segmentsBefore),
                            String.format(
                                    Locale.ROOT,
                                    "cut age %d s, exact within %.2f s",
                                    cutAge.toSeconds(),
                                    seconds(after.exactness()))),
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }
    }

    private Samples sample(Pipeline pipeline, BenchmarkRequest request) {
        List<Double> ages = new ArrayList<>();
        long end = System.nanoTime() + request.lasting().toNanos();
        while (ages.isEmpty() || System.nanoTime() < end) {
            double age = pipeline.points()
                    .rpoOnS3()
                    .map(IdleBenchmark::seconds)
                    .orElseThrow(() -> new IllegalStateException("what was restorable no longer is"));
            ages.add(age);
            if (ages.size() % SAMPLES_BETWEEN_LINES == 0) {
                request.progress()
                        .accept(String.format(
                                Locale.ROOT,
                                "idle: %d s left, rpo on S3 now %.1f s, max %.1f s",
                                Math.max(0, TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime())),
                                age,
                                new Samples(ages).spread().max()));
            }
            pause();
        }
        return new Samples(ages);
    }

    /** All of the samples are one round, of which the worst counts: the spread shows what lay below it. */
    private static Metric worst(String name, Samples ages, double worst, Samples limit) {
        Metric judged = Metric.of(name, "s", Samples.of(worst), limit, GOAL);
        return new Metric(
                judged.name(),
                judged.ours(),
                judged.limit(),
                judged.unit(),
                judged.ratio(),
                judged.goal(),
                judged.better(),
                judged.met(),
                new Metric.Spreads(ages.spread(), limit.spread()));
    }

    private void pause() {
        try {
            // Time itself is what is waited for here.
            TimeUnit.NANOSECONDS.sleep(sampleEvery.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while idle", e);
        }
    }

    private static int segments(Points points) {
        return points.shards().stream().mapToInt(Points.ShardPoints::segments).sum();
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
