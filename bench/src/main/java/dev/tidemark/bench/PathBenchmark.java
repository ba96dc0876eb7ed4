package dev.tidemark.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Changes a second from Redis to S3, beside the same bytes read raw, produced raw and PUT raw, one after the other. */
final class PathBenchmark implements Benchmark {
    /** The least that may be set: what is measured is the way, and the wait for a cut is no part of it. */
    static final Duration CUT_AGE = Duration.ofSeconds(1);

    /** So many small keys for a chunk: with fewer, a round is over before a cut is due. */
    private static final int SMALL_KEYS_A_CHUNK = 5;

    /** A first guess, to be replaced when the way has been measured on a quiet machine. */
    private static final Goal GOAL = Goal.atLeast(0.5);

    @Override
    public String name() {
        return "path";
    }

    @Override
    public String about() {
        return "changes/s from Redis to S3; limit: read, produce, PUT raw";
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        DataSet chunks = new DataSet(KeyKind.CHUNK, request.chunks());
        DataSet small = new DataSet(KeyKind.STRING, Math.multiplyExact(request.chunks(), SMALL_KEYS_A_CHUNK));
        try (Ground ground = Ground.start(request.progress())) {
            List<PathMeasurement> measured = List.of(
                    measure(ground, "chunks", "chunks of 7 KB", chunks, request),
                    measure(ground, "small", "strings of 100 B", small, request));
            return new BenchmarkReport(
                    name(),
                    measured.stream().map(PathMeasurement::metric).toList(),
                    request.rounds(),
                    remarks(measured),
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }
    }

    private static PathMeasurement measure(
            Ground ground, String source, String what, DataSet data, BenchmarkRequest request) {
        String name = "path, " + what;
        request.progress().accept(String.format(Locale.ROOT, "%s: %,d keys, first resync", name, data.keys()));
        try (Pipeline pipeline = Pipeline.live(ground, source, CUT_AGE, data::load);
                PathCourse course = new PathCourse(pipeline, data)) {
            Alternation rates = Alternation.of(
                    name, Duration.ZERO, request.rounds(), course::ours, course::limit, request.progress());
            Metric metric = Metric.of(name, "changes/s", rates.ours(), rates.limit(), GOAL);
            return new PathMeasurement(metric, what + ": " + course.account());
        }
    }

    private static List<String> remarks(List<PathMeasurement> measured) {
        List<String> remarks = new ArrayList<>();
        remarks.add(
                "ours includes waiting, once a round whatever its size: up to one barrier interval (1 s), one cut age (%d s) and the compactor's steps in between (up to 1 s); nothing is subtracted"
                        .formatted(CUT_AGE.toSeconds()));
        measured.forEach(each -> remarks.add(each.account()));
        remarks.add("the goal is a first guess");
        return remarks;
    }

    /** @param account where the time went, for a reader */
    private record PathMeasurement(Metric metric, String account) {}
}
