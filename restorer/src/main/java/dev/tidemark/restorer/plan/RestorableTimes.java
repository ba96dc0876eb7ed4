package dev.tidemark.restorer.plan;

import java.util.List;
import java.util.OptionalLong;

/**
 * Which times can be restored: those that every shard can.
 *
 * @param spans of the source, in order
 * @param exactnessMicros the worst that any claim behind them allows
 * @param shards one for each
 * @param holes in all shards
 */
public record RestorableTimes(List<TimeSpan> spans, long exactnessMicros, List<ShardTimes> shards, List<Hole> holes) {
    public RestorableTimes {
        spans = List.copyOf(spans);
        shards = List.copyOf(shards);
        holes = List.copyOf(holes);
    }

    /**
     * One shard's.
     *
     * @param end the offset that is reached without interruption from the newest base that counts, or 0
     */
    public record ShardTimes(int shard, List<TimeSpan> spans, long end, int segments) {
        public ShardTimes {
            spans = List.copyOf(spans);
        }
    }

    public OptionalLong latestMicros() {
        return spans.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(spans.get(spans.size() - 1).throughMicros());
    }

    public boolean contains(long micros) {
        return TimeSpan.anyContains(spans, micros);
    }

    /** The last restorable time that is not later. */
    public OptionalLong nearestBefore(long micros) {
        return spans.stream()
                .filter(span -> span.fromMicros() <= micros)
                .mapToLong(span -> Math.min(span.throughMicros(), micros))
                .max();
    }

    /** The first restorable time that is not earlier. */
    public OptionalLong nearestAfter(long micros) {
        return spans.stream()
                .filter(span -> span.throughMicros() >= micros)
                .mapToLong(span -> Math.max(span.fromMicros(), micros))
                .min();
    }
}
