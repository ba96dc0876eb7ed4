package dev.tidemark.compactor;

import dev.tidemark.archive.PutAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What the compactor counts; docs/metrics.md explains each. How shards are doing is counted by the {@link ShardBoard}. */
final class CompactorMetrics {
    private final Counter[] segments;
    private final Counter[] rows;
    private final Counter[] bytes;
    private final Counter[] slotsLost;
    private final Counter[] gapsExplained;
    private final Map<PutAnswer, Counter> answers = new EnumMap<>(PutAnswer.class);
    private final Timer cut;

    CompactorMetrics(MeterRegistry registry, int shards) {
        segments = perShard(registry, shards, "tidemark.compactor.segments");
        rows = perShard(registry, shards, "tidemark.compactor.rows");
        bytes = perShard(registry, shards, "tidemark.compactor.segment.bytes");
        slotsLost = perShard(registry, shards, "tidemark.compactor.slots.lost");
        gapsExplained = perShard(registry, shards, "tidemark.compactor.gaps.explained");
        for (PutAnswer answer : PutAnswer.values()) {
            answers.put(
                    answer,
                    registry.counter(
                            "tidemark.compactor.put.answers",
                            "answer",
                            answer.name().toLowerCase(Locale.ROOT)));
        }
        cut = registry.timer("tidemark.compactor.cut");
    }

    private static Counter[] perShard(MeterRegistry registry, int shards, String name) {
        Counter[] counters = new Counter[shards];
        for (int shard = 0; shard < shards; shard++) {
            counters[shard] = registry.counter(name, "shard", Integer.toString(shard));
        }
        return counters;
    }

    void segmentWritten(int shard, long rowCount, long sizeBytes, Duration took) {
        segments[shard].increment();
        rows[shard].increment((double) rowCount);
        bytes[shard].increment((double) sizeBytes);
        cut.record(took);
    }

    void slotLost(int shard) {
        slotsLost[shard].increment();
    }

    void gapExplained(int shard, int gaps) {
        gapsExplained[shard].increment(gaps);
    }

    void answered(PutAnswer answer) {
        answers.get(answer).increment();
    }
}
