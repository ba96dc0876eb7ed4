package dev.tidemark.bench;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.restorer.Points;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Random faults while the oracle writes: what is restored must be true, gaps are only those that were made, memory is flat. */
final class SoakBenchmark implements Benchmark {
    private static final Duration HEALED_WITHIN = Duration.ofMinutes(4);
    private static final Duration WRITES_WITHIN = Duration.ofMinutes(2);
    private static final int FAULTS_A_JUDGEMENT = 3;
    private static final int WRITES_A_FAULT = 300;
    private static final int REST_SECONDS = 6;

    @Override
    public String name() {
        return "soak";
    }

    @Override
    public String about() {
        return "random faults, restores judged by the oracle, flat memory";
    }

    @Override
    public int defaultMinutes() {
        return 20;
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        Random random = new Random(request.soak().seed());
        request.progress().accept("soak: seed " + request.soak().seed());
        try (SoakGround ground =
                new SoakGround(random.nextLong(), request.soak().captures())) {
            return new Run(ground, request, random).report(machine);
        }
    }

    /** One run, and what it found. */
    private static final class Run {
        private final SoakGround ground;
        private final BenchmarkRequest request;
        private final Random random;
        private final SoakCourt court;
        private final SoakHeap heap = new SoakHeap();
        private final Map<SoakFault, Integer> faults = new EnumMap<>(SoakFault.class);
        private final List<Double> healed = new ArrayList<>();
        private int rounds;

        Run(SoakGround ground, BenchmarkRequest request, Random random) {
            this.ground = ground;
            this.request = request;
            this.random = random;
            this.court = new SoakCourt(ground);
        }

        BenchmarkReport report(Machine machine) {
            Oracle oracle = ground.oracle();
            oracle.resume();
            Instant from = awaitRestorablePast(oracle.now()).ranges().get(0).from();
            rest();
            long end = System.nanoTime() + request.lasting().toNanos();
            while (rounds == 0 || System.nanoTime() < end) {
                rounds++;
                Instant begun = oracle.now();
                SoakFault last = null;
                for (int i = 0; i < FAULTS_A_JUDGEMENT; i++) {
                    last = SoakFault.any(random);
                    strike(last);
                }
                Instant latest = awaitRestorablePast(oracle.now()).latest().orElseThrow();
                court.judge(Oracle.randomInstant(random, begun, latest), "" + last);
                court.judge(Oracle.randomInstant(random, from, latest), "" + last);
                heap.sample(ground);
                request.progress()
                        .accept("soak: round %d, %s; %d writes".formatted(rounds, court.account(), oracle.writes()));
            }
            return reported(awaitRestorablePast(oracle.now()), machine);
        }

        private void strike(SoakFault fault) {
            faults.merge(fault, 1, Integer::sum);
            Instant before = ground.oracle().now();
            fault.strike(ground, random);
            long struckNanos = System.nanoTime();
            Instant after = ground.oracle().now();
            Points points = awaitRestorablePast(after);
            healed.add((System.nanoTime() - struckNanos) / 1e9);
            court.struck(before, points.latest().orElseThrow());
            if (fault.makesAGap()) {
                court.injected(before, points.latest().orElseThrow());
                points.gaps().stream()
                        .filter(gap -> gap.before().isAfter(before))
                        .forEach(gap -> court.judgeGap(gap, fault.toString()));
            }
            ground.oracle().awaitWrites(WRITES_A_FAULT, WRITES_WITHIN);
            request.progress()
                    .accept(String.format(
                            Locale.ROOT, "soak: %s, healed in %.1f s", fault, healed.get(healed.size() - 1)));
            court.unexplained(points).forEach(gap -> request.progress().accept("soak: unexplained " + gap));
            heap.sample(ground);
            rest();
        }

        private Points awaitRestorablePast(Instant time) {
            return Await.value(
                    HEALED_WITHIN,
                    () -> Optional.of(ground.points())
                            .filter(points ->
                                    points.latest().filter(time::isBefore).isPresent()),
                    "restorable past " + time + "; logs are in " + ground.directory());
        }

        /** Until whoever was replaced stands by again: what comes sooner may be a gap, by design. */
        private static void rest() {
            try {
                TimeUnit.SECONDS.sleep(REST_SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted between two faults", e);
            }
        }

        private BenchmarkReport reported(Points points, Machine machine) {
            List<Points.Unrestorable> gaps = court.unexplained(points);
            Samples exactness = court.exactness();
            Samples unexplained = court.unexplainedExactness();
            Samples ages = new Samples(healed);
            List<Metric> metrics = List.of(
                    Metric.of("exactness, p50", "s", at(exactness, 0.5), Samples.of(2), Goal.atMost(1)),
                    Metric.of(
                            "exactness that no fault explains, p99",
                            "s",
                            at(unexplained, 0.99),
                            Samples.of(10),
                            Goal.atMost(1)),
                    Metric.of(
                            "restorable again after a fault, p50", "s", at(ages, 0.5), Samples.of(30), Goal.atMost(1)),
                    Metric.of(
                            "restorable again after a fault, p99", "s", at(ages, 0.99), Samples.of(60), Goal.atMost(1)),
                    Metric.of(
                            "heap alive in a capture, second half to first",
                            "MiB",
                            heap.last(),
                            heap.first(),
                            Goal.atMost(1.3)),
                    Metric.of(
                            "gaps that no fault explains", "", Samples.of(gaps.size()), Samples.of(1), Goal.atMost(0)));
            List<String> remarks = new ArrayList<>(List.of(
                    "%d rounds, %d writes, %s".formatted(rounds, ground.oracle().writes(), court.account()),
                    "exactness at p99, faults included: %s s"
                            .formatted(BenchmarkReport.number(exactness.percentile(0.99))),
                    "faults: " + faults,
                    "seed %d, %d captures, heap alive at most %s MiB"
                            .formatted(
                                    request.soak().seed(),
                                    request.soak().captures(),
                                    BenchmarkReport.number(heap.peak()))));
            gaps.forEach(gap -> remarks.add("unexplained: " + gap));
            return new BenchmarkReport(
                    "soak",
                    metrics,
                    rounds,
                    remarks,
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }

        private static Samples at(Samples samples, double share) {
            return Samples.of(samples.percentile(share));
        }
    }
}
