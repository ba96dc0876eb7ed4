package dev.tidemark.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The compactor alone, in a JVM of 512 MB: how fast it brings chunks from Kafka to S3, beside a sink that writes the same rows
 * with parquet-avro, beside parquet-avro which only makes a file of them in memory, and beside a copy that does not look at
 * what it copies.
 */
final class CompactBenchmark implements Benchmark {
    private static final Goal AGAINST_AVRO = Goal.atLeast(1.5);

    /** What encoding and compressing may cost beside moving the bytes; a first guess. */
    private static final Goal AGAINST_COPY = Goal.atLeast(0.5);

    /** Of the heap, and as much again for all else that a JVM has. */
    private static final double RSS_LIMIT_MB = 2.0 * CompactCourse.HEAP_MB;

    private static final List<MavenArtifact> PARQUET_AVRO = List.of(
            new MavenArtifact("org.apache.parquet", "parquet-avro", "1.18.1", "jar"),
            new MavenArtifact("org.apache.parquet", "parquet-variant", "1.18.1", "jar"));

    private final Duration warmUp;

    CompactBenchmark() {
        this(Duration.ofSeconds(20));
    }

    /** @param warmUp of each of three pairs of what is measured */
    CompactBenchmark(Duration warmUp) {
        this.warmUp = warmUp;
    }

    @Override
    public String name() {
        return "compact";
    }

    @Override
    public String about() {
        return "MB/s from Kafka to S3, memory; limit: parquet-avro, a plain copy";
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        List<Metric> metrics = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        List<byte[]> records = new DataSet(KeyKind.VECTOR, request.chunks()).records();
        List<Path> parquetAvro = parquetAvro(request.progress());
        try (ChildJvm avro = writer(WriteMain.AVRO, parquetAvro, request);
                Ground ground = Ground.start(request.progress())) {
            writers(avro, request, metrics);
            for (int shards = 1; shards <= 2; shards++) {
                String what = shards == 1 ? "one shard" : "two shards";
                request.progress().accept("compact, %s: filling the log".formatted(what));
                try (CompactCourse course = new CompactCourse(
                        ground, "compact" + shards, shards, request.chunks() / shards, records, parquetAvro)) {
                    course(what, course, avro, request, metrics, remarks);
                }
            }
            remarks.add(
                    "chunks are of 1,536 float32 of a unit vector and 1 kB of text; MB are those of their records in Kafka");
            remarks.add(
                    "the compactor's clock starts with its first read of a round: the wait for a claim to be noticed, up to half a second, is not counted");
            return new BenchmarkReport(
                    name(),
                    metrics,
                    request.rounds(),
                    remarks,
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }
    }

    /** Making a file in memory, and nothing else; each in a JVM of its own. */
    private void writers(ChildJvm avro, BenchmarkRequest request, List<Metric> metrics) {
        try (ChildJvm ours = writer(WriteMain.OURS, List.of(), request)) {
            Alternation rates = Alternation.of(
                    "a file in memory, by us and by parquet-avro",
                    warmUp,
                    request.rounds(),
                    () -> rate(ours),
                    () -> rate(avro),
                    request.progress());
            metrics.add(
                    Metric.of("write rows, against parquet-avro", "MB/s", rates.ours(), rates.limit(), AGAINST_AVRO));
        }
    }

    private static double rate(ChildJvm writer) {
        writer.ask();
        return WriteMain.Written.parse(writer.hear()).megabytesPerSecond();
    }

    private static ChildJvm writer(String way, List<Path> more, BenchmarkRequest request) {
        return new ChildJvm(
                "the writer",
                WriteMain.class,
                CompactCourse.HEAP_MB,
                more,
                List.of(way, Integer.toString(request.chunks())));
    }

    /** Nothing where it is on the class path already, as in the tests. */
    private static List<Path> parquetAvro(Consumer<String> progress) {
        try {
            Class.forName("org.apache.parquet.avro.AvroParquetWriter", false, CompactBenchmark.class.getClassLoader());
            return List.of();
        } catch (ClassNotFoundException e) {
            return PARQUET_AVRO.stream().map(jar -> jar.fetch(progress)).toList();
        }
    }

    private void course(
            String what,
            CompactCourse course,
            ChildJvm avro,
            BenchmarkRequest request,
            List<Metric> metrics,
            List<String> remarks) {
        String name = "compact, " + what;
        List<Double> inMemory = new ArrayList<>();
        List<Double> sunk = new ArrayList<>();
        Alternation rates = Alternation.of(
                name,
                warmUp,
                request.rounds(),
                course::ours,
                () -> {
                    // In each round too: a machine that grows slower meanwhile grows slower for all.
                    inMemory.add(rate(avro));
                    sunk.add(course.parquetAvro());
                    return course.limit();
                },
                request.progress());
        metrics.add(Metric.of(
                name + ", against a sink of parquet-avro",
                "MB/s",
                rates.ours(),
                Samples.last(sunk, request.rounds()),
                AGAINST_AVRO));
        metrics.add(Metric.of(
                name + ", against parquet-avro in memory",
                "MB/s",
                rates.ours(),
                Samples.last(inMemory, request.rounds()),
                AGAINST_AVRO));
        metrics.add(Metric.of(name + ", against a plain copy", "MB/s", rates.ours(), rates.limit(), AGAINST_COPY));
        metrics.add(Metric.of(
                "bytes on S3 over bytes captured, " + what,
                "ratio",
                course.sizeRatios(),
                Samples.of(1),
                Goal.atMost(1)));
        metrics.add(Metric.of(
                "peak RSS after %s, heap of %d MB".formatted(what, CompactCourse.HEAP_MB),
                "MB",
                Samples.of(course.peakRssBytes() / 1e6),
                Samples.of(RSS_LIMIT_MB),
                Goal.atMost(1)));
        remarks.add(String.format(
                Locale.ROOT, "%s: %,.0f chunks/s", what, rates.ours().median() / course.megabytesARow()));
    }
}
