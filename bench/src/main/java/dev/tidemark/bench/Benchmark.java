package dev.tidemark.bench;

/** One question about speed, and the program that answers it. */
public interface Benchmark {
    /** As it is written behind {@code tidemark bench}. */
    String name();

    /** What is compared with what, in a line. */
    String about();

    /** How long it lasts unless somebody says otherwise; a benchmark that counts rounds does not care. */
    default int defaultMinutes() {
        return 10;
    }

    /** How many RAG chunks there are unless somebody says otherwise. */
    default int defaultChunks() {
        return 20_000;
    }

    /** Prepares, measures, cleans up. */
    BenchmarkReport run(BenchmarkRequest request);
}
