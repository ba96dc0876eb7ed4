package dev.tidemark.bench;

/** One question about speed, and the program that answers it. */
public interface Benchmark {
    /** As it is written behind {@code tidemark bench}. */
    String name();

    /** What is compared with what, in a line. */
    String about();

    /** Prepares, measures, cleans up. */
    BenchmarkReport run(BenchmarkRequest request);
}
