package dev.tidemark.capture;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;

/**
 * Renews the bases that have become old, by resyncs that no doubt asked for. One shard after another: each is a walk through
 * all keys, and a doubt's resync is never kept waiting by more than one of them.
 */
final class Refreshes {
    private final long intervalMicros;

    /** @param interval zero for never */
    Refreshes(Duration interval) {
        this.intervalMicros = interval.toNanos() / 1_000;
    }

    void ask(Collection<OwnedShard> owned) {
        if (intervalMicros == 0
                || owned.stream().anyMatch(shard -> shard.proof().resyncing())) {
            return;
        }
        owned.stream()
                .max(Comparator.comparingLong(shard -> shard.proof().baseAgeMicros()))
                .filter(oldest -> oldest.proof().baseAgeMicros() >= intervalMicros)
                .ifPresent(oldest -> oldest.proof().refresh());
    }
}
