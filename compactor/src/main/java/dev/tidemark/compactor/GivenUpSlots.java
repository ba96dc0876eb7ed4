package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Pruned;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Which slots nobody may win again: an empty slot below what is kept is one whose segment was deleted. Whoever slept until then
 * and goes on with what it knew would fill it, so it looks again before it writes. For one thread.
 */
final class GivenUpSlots {
    /** Much less than the time between a mark and the first deletion, and seldom enough to cost nothing. */
    private static final Duration LOOKED_AT_EVERY = Pruned.DELETED_AFTER.dividedBy(24);

    private final Archive archive;
    private final LongSupplier nanoClock;
    private Optional<Pruned> newest = Optional.empty();
    private long lookedNanos;
    private boolean hasLooked;

    GivenUpSlots(Archive archive, LongSupplier nanoClock) {
        this.archive = archive;
        this.nanoClock = nanoClock;
    }

    boolean has(SegmentKey slot) {
        long now = nanoClock.getAsLong();
        if (!hasLooked || now - lookedNanos >= LOOKED_AT_EVERY.toNanos()) {
            newest = archive.pruned();
            lookedNanos = now;
            hasLooked = true;
        }
        return newest.filter(mark -> mark.givesUp(slot)).isPresent();
    }
}
