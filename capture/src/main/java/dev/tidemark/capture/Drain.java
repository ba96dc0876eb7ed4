package dev.tidemark.capture;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * An orderly end: whatever changed until it was asked for is still claimed, if that goes quickly. Two claims of each shard
 * are waited for, since the first one may be of a barrier before that moment.
 */
final class Drain {
    private static final int CLAIMS = 2;

    private final long giveUpNanos;
    private final Map<OwnedShard, Progress> progress = new HashMap<>();

    private static final class Progress {
        private long throughMicros = -1;
        private int claims = -1;
    }

    Drain(Duration within) {
        this.giveUpNanos = System.nanoTime() + within.toNanos();
    }

    boolean isOver(Collection<OwnedShard> owned) {
        boolean all = true;
        for (OwnedShard shard : owned) {
            Progress made = progress.computeIfAbsent(shard, first -> new Progress());
            if (shard.proof().throughMicros() != made.throughMicros) {
                made.throughMicros = shard.proof().throughMicros();
                made.claims++;
            }
            // A shard in doubt has nothing to claim, and a resync is not waited for.
            all &= !shard.proof().live() || made.claims >= CLAIMS;
        }
        return all || System.nanoTime() > giveUpNanos;
    }
}
