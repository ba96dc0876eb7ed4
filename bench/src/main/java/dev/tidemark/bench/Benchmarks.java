package dev.tidemark.bench;

import java.util.List;
import java.util.Optional;

/** Every benchmark there is. */
public final class Benchmarks {
    private Benchmarks() {}

    public static List<Benchmark> all() {
        return List.of(
                new PathBenchmark(),
                new CaptureBenchmark(),
                new CompactBenchmark(),
                new BaselineBenchmark(),
                new IdleBenchmark(),
                new RestoreBenchmark(),
                new LookBenchmark(),
                new SoakBenchmark(),
                new SqlBenchmark());
    }

    public static Optional<Benchmark> named(String name) {
        return all().stream().filter(benchmark -> benchmark.name().equals(name)).findFirst();
    }
}
