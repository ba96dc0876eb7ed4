package dev.tidemark.bench;

import dev.tidemark.restorer.Points;
import dev.tidemark.schemas.settings.CompactorSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How old what S3 alone can restore becomes while nobody writes, and then while somebody writes now and then: the bound must
 * hold without any traffic to push it. Half of the time each.
 */
final class IdleBenchmark implements Benchmark {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Goal GOAL = Goal.atMost(1);
    private static final int SAMPLES_BETWEEN_LINES = 12;
    private static final Duration NEVER = BenchmarkRequest.LASTING_MAX;
    private static final byte[] ONE_KEY = "SET the-only-key 1\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Duration cutAge;
    private final Duration sampleEvery;
    private final Duration writeEvery;

    IdleBenchmark() {
        this(CompactorSettings.defaults().cutAge(), Duration.ofSeconds(5), Duration.ofMinutes(1));
    }

    IdleBenchmark(Duration cutAge, Duration sampleEvery, Duration writeEvery) {
        this.cutAge = cutAge;
        this.sampleEvery = sampleEvery;
        this.writeEvery = writeEvery;
    }

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String about() {
        return "age of what S3 alone restores, idle and with a change a minute; limit: 90 s";
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        try (Ground ground = Ground.start(request.progress());
                Pipeline pipeline =
                        Pipeline.live(ground, "idle", cutAge, redis -> redis.exchange(ONE_KEY, "+OK\r\n".length()))) {
            int segmentsBefore = segments(pipeline.points());
            Samples idle = sample(pipeline, request, "idle", NEVER);
            int segmentsIdle = segments(pipeline.points());
            Samples slow = sample(pipeline, request, "slow", writeEvery);
            Points after = pipeline.points();
            Samples limit = Samples.of(seconds(LIMIT));
            return new BenchmarkReport(
                    name(),
                    List.of(
                            worst("rpo on S3 while idle, max", idle, limit),
                            worst("rpo on S3, a change now and then, max", slow, limit)),
                    1,
                    List.of(
                            "%d samples of what 'tidemark points' says of S3 alone, one every %s s; the age may have been that much higher in between"
                                    .formatted(
                                            idle.values().size() + slow.values().size(),
                                            BenchmarkReport.number(seconds(sampleEvery))),
                            "restorable in %d range(s); %d segments written while idle, %d with a change every %s s"
                                    .formatted(
                                            after.ranges().size(),
                                            segmentsIdle - segmentsBefore,
                                            segments(after) - segmentsIdle,
                                            BenchmarkReport.number(seconds(writeEvery))),
                            String.format(
                                    Locale.ROOT,
                                    "cut age %d s, exact within %.2f s",
                                    cutAge.toSeconds(),
                                    seconds(after.exactness()))),
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }
    }

    private Samples sample(Pipeline pipeline, BenchmarkRequest request, String phase, Duration every) {
        List<Double> ages = new ArrayList<>();
        long begun = System.nanoTime();
        long end = begun + request.lasting().toNanos() / 2;
        int written = 0;
        while (ages.isEmpty() || System.nanoTime() < end) {
            if ((System.nanoTime() - begun) / every.toNanos() > written) {
                pipeline.client().exchange(ONE_KEY, "+OK\r\n".length());
                written++;
            }
            double age = pipeline.points()
                    .rpoOnS3()
                    .map(IdleBenchmark::seconds)
                    .orElseThrow(() -> new IllegalStateException("what was restorable no longer is"));
            ages.add(age);
            if (ages.size() % SAMPLES_BETWEEN_LINES == 0) {
                request.progress()
                        .accept(String.format(
                                Locale.ROOT,
                                "%s: %d s left, %d changes, rpo on S3 now %.1f s, max %.1f s",
                                phase,
                                Math.max(0, TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime())),
                                written,
                                age,
                                new Samples(ages).spread().max()));
            }
            pause();
        }
        return new Samples(ages);
    }

    /** All of the samples are one round, of which the worst counts: the spread shows what lay below it. */
    private static Metric worst(String name, Samples ages, Samples limit) {
        Metric judged = Metric.of(name, "s", Samples.of(ages.spread().max()), limit, GOAL);
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
