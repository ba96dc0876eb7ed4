package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The doubts of one shard of which the archive does not speak yet. Nothing hangs on them: what cannot be written never
 * holds the shard up, and what is too much is dropped, the oldest first.
 */
final class UnexplainedGaps {
    private static final Logger LOG = LoggerFactory.getLogger(UnexplainedGaps.class);
    private static final int KEPT_MAX = 1_000;

    /** Each is a request, and the rows come first. */
    private static final int WRITTEN_A_STEP_MAX = 20;

    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final int shard;
    private final int generation;
    private final LongSupplier nanoClock;
    private final Deque<Gap> waiting = new ArrayDeque<>();
    private OptionalLong pausedSinceNanos = OptionalLong.empty();
    private long heardBelow;

    UnexplainedGaps(int shard, int generation, LongSupplier nanoClock) {
        this.shard = shard;
        this.generation = generation;
        this.nanoClock = nanoClock;
    }

    /** @param lastClaimMicros of the last claim before it that counts, if one was heard */
    void add(long offset, Doubt doubt, OptionalLong lastClaimMicros) {
        if (offset < heardBelow) {
            return;
        }
        heardBelow = offset + 1;
        try {
            GapKey key = new GapKey(doubt.timeMicros(), shard, generation, offset);
            waiting.addLast(new Gap(key, doubt.node(), doubt.reason(), lastClaimMicros));
        } catch (IllegalArgumentException outOfTime) {
            // Dated by a clock that was beyond all reason: no key can say when.
            LOG.warn("event=gap-not-explained shard={} offset={} reason=\"no such time\"", shard, offset);
        }
        if (waiting.size() > KEPT_MAX) {
            waiting.removeFirst();
        }
    }

    /** Writes some; how many. */
    int writeTo(Archive archive) {
        if (pausedSinceNanos.isPresent() && nanoClock.getAsLong() - pausedSinceNanos.getAsLong() < PAUSE.toNanos()) {
            return 0;
        }
        pausedSinceNanos = OptionalLong.empty();
        int written = 0;
        try {
            while (written < WRITTEN_A_STEP_MAX && !waiting.isEmpty()) {
                archive.gaps().explain(waiting.getFirst());
                waiting.removeFirst();
                written++;
            }
        } catch (TidemarkError e) {
            LOG.warn(
                    "event=gap-not-explained shard={} waiting={} reason=\"{}\"", shard, waiting.size(), e.getMessage());
            pausedSinceNanos = OptionalLong.of(nanoClock.getAsLong());
        }
        return written;
    }
}
