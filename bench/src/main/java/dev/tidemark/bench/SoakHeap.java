package dev.tidemark.bench;

import java.util.ArrayList;
import java.util.List;

/** What of the captures' heaps is alive, followed through the run: a leak shows as an end above the beginning. */
final class SoakHeap {
    private static final double MEBIBYTE = 1 << 20;

    private final List<Double> samples = new ArrayList<>();

    void sample(SoakGround ground) {
        ground.captures().stream()
                .flatMapToLong(capture -> capture.heapBytes().stream())
                .mapToDouble(bytes -> bytes / MEBIBYTE)
                .max()
                .ifPresent(samples::add);
    }

    Samples first() {
        return new Samples(samples.subList(0, Math.max(1, samples.size() / 2)));
    }

    Samples last() {
        return new Samples(samples.subList(samples.size() / 2, samples.size()));
    }

    double peak() {
        return new Samples(samples).spread().max();
    }
}
