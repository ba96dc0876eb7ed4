package dev.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Every benchmark once, small, to its end. */
@Execution(ExecutionMode.CONCURRENT) // No figure is judged here.
class BenchmarksTest {
    private final List<String> progress = Collections.synchronizedList(new ArrayList<>());

    @Test
    void pathMeasuresBothSidesOfBothDataSets() {
        BenchmarkReport report = Benchmarks.named("path").orElseThrow().run(request(1, 200, Duration.ofMinutes(10)));

        assertThat(report.bench()).isEqualTo("path");
        assertThat(report.metrics())
                .extracting(Metric::name)
                .containsExactly("path, chunks of 7 KB", "path, strings of 100 B");
        assertThat(report.metrics()).allSatisfy(metric -> {
            assertThat(metric.ours()).isPositive();
            assertThat(metric.limit()).isPositive();
            assertThat(metric.ratio()).isEqualTo(metric.ours() / metric.limit());
            assertThat(metric.goal()).isEqualTo(0.5);
        });
        assertThat(report.remarks())
                .anyMatch(remark -> remark.contains("one cut age"))
                .anyMatch(remark -> remark.contains("chunks of 7 KB: 200 keys") && remark.contains("no gap"))
                .anyMatch(remark -> remark.contains("strings of 100 B: 1,000 keys") && remark.contains("no gap"));
        assertThat(report.versions().redis()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(report.versions().kafka()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(report.machine().cores()).isPositive();
        assertThat(progress).anyMatch(line -> line.contains("warm-up")).anyMatch(line -> line.contains("round 1 of 1"));
    }

    @Test
    void captureMeasuresItsRateItsCostItsAgeAndItsMemory() {
        Benchmark capture = new CaptureBenchmark(Duration.ZERO, Duration.ofSeconds(2));

        BenchmarkReport report = capture.run(request(1, 200, Duration.ofMinutes(10)));

        assertThat(report.metrics())
                .extracting(Metric::name)
                .containsExactly(
                        "capture, strings of 100 B",
                        "HSET, watched against unwatched",
                        "keys of both bursts that are in the log",
                        "peak RSS after bursts, heap of 256 MB",
                        "capture, chunks of 7 KB",
                        "age of tidemarks at half of that, p99",
                        "peak RSS after chunks, heap of 256 MB");
        assertThat(report.metrics())
                .allSatisfy(metric -> assertThat(metric.ours()).isPositive());
        assertThat(report.metrics())
                .filteredOn(metric -> metric.name().startsWith("keys of both bursts"))
                .allMatch(Metric::met);
        assertThat(report.remarks())
                .anyMatch(remark -> remark.contains("8,000 keys of 30 bytes") && remark.contains(": 0 doubts"))
                .anyMatch(remark -> remark.matches("redis-benchmark (reads one .* at [\\d,]+/s.*|cannot be run.*)"));
    }

    @Test
    void compactMeasuresTheWriterTheWayToS3AndItsMemory() {
        Benchmark compact = new CompactBenchmark(Duration.ZERO);

        BenchmarkReport report = compact.run(request(1, 200, Duration.ofMinutes(10)));

        assertThat(report.metrics())
                .extracting(Metric::name)
                .containsExactly(
                        "write rows, against parquet-avro",
                        "compact, one shard, against a sink of parquet-avro",
                        "compact, one shard, against parquet-avro in memory",
                        "compact, one shard, against a plain copy",
                        "bytes on S3 over bytes captured, one shard",
                        "peak RSS after one shard, heap of 512 MB",
                        "compact, two shards, against a sink of parquet-avro",
                        "compact, two shards, against parquet-avro in memory",
                        "compact, two shards, against a plain copy",
                        "bytes on S3 over bytes captured, two shards",
                        "peak RSS after two shards, heap of 512 MB");
        assertThat(report.metrics()).allSatisfy(metric -> {
            assertThat(metric.ours()).isPositive();
            assertThat(metric.limit()).isPositive();
        });
        assertThat(report.metrics().get(4).ours()).isBetween(0.5, 1.0);
    }

    @Test
    void baselineMeasuresTheStreamAndTellsWhatDatingTakes() {
        Benchmark baseline = new BaselineBenchmark(Duration.ZERO);

        BenchmarkReport report = baseline.run(request(1, 200, Duration.ofMinutes(10)));

        assertThat(report.metrics()).hasSize(2).allSatisfy(metric -> {
            assertThat(metric.ours()).isPositive();
            assertThat(metric.limit()).isPositive();
        });
        assertThat(report.remarks()).anyMatch(remark -> remark.contains("to date it"));
    }

    @Test
    void idleTellsTheAgeOfWhatIsOnS3() {
        Benchmark idle = new IdleBenchmark(Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofMillis(500));

        BenchmarkReport report = idle.run(request(1, 1, Duration.ofSeconds(16)));

        assertThat(report.metrics())
                .extracting(Metric::name)
                .containsExactly("rpo on S3 while idle, max", "rpo on S3, a change now and then, max");
        assertThat(report.metrics()).allSatisfy(metric -> {
            assertThat(metric.ours()).isBetween(0.0, 90.0);
            assertThat(metric.limit()).isEqualTo(90);
            assertThat(metric.met()).isTrue();
        });
        assertThat(report.metrics().get(0).ours())
                .isEqualTo(report.metrics().get(0).spread().ours().max());
        assertThat(report.remarks())
                .anyMatch(remark ->
                        remark.matches("restorable in 1 range\\(s\\); 0 segments written while idle, [1-9].*"));
    }

    @Test
    void restoreMeasuresEachWayInAndProvesIt() {
        BenchmarkReport report = Benchmarks.named("restore").orElseThrow().run(request(1, 200, Duration.ofMinutes(10)));

        assertThat(report.metrics())
                .extracting(Metric::name)
                .containsExactly(
                        "--into, against redis-cli --pipe",
                        "--serve, against a start",
                        "--rdb, against a copy from S3",
                        "plan to first write",
                        "estimate, off from the run by");
        assertThat(report.metrics()).allSatisfy(metric -> {
            assertThat(metric.ours()).isPositive();
            assertThat(metric.limit()).isPositive();
        });
    }

    @Test
    void lookFindsEachKeyAsItWas() {
        BenchmarkReport report = Benchmarks.named("look").orElseThrow().run(request(1, 500, Duration.ofMinutes(10)));

        assertThat(report.metrics())
                .extracting(Metric::name)
                .containsExactly("show, a key that was there", "show, a key that never was");
        assertThat(report.metrics())
                .allSatisfy(metric -> assertThat(metric.ours()).isPositive());
    }

    private BenchmarkRequest request(int rounds, int chunks, Duration idle) {
        return new BenchmarkRequest(rounds, chunks, idle, new BenchmarkRequest.Soak(1, 2), "test", progress::add);
    }
}
