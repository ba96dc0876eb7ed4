package dev.tidemark.capture;

import io.micrometer.core.instrument.MeterRegistry;

/** Registers all that capture can ever count, as a capture of one shard and one node would over its life. */
public final class EveryCaptureMeter {
    private EveryCaptureMeter() {}

    public static void bindTo(MeterRegistry registry) {
        CaptureMetrics metrics = new CaptureMetrics(registry, 1, () -> 1_000_000);
        metrics.bindShard(0, 1);
        metrics.bindNode("127.0.0.1:6379").watching(2);
    }
}
