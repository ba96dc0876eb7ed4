package dev.tidemark.archive;

import dev.tidemark.schemas.layout.ArchiveKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Pruned;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Which slots of segments are taken, by LIST alone: what a segment says of itself is not asked. */
public final class SegmentSlots {
    private static final Comparator<SegmentKey> BY_SLOT = Comparator.comparingInt(SegmentKey::shard)
            .thenComparingInt(SegmentKey::generation)
            .thenComparingLong(SegmentKey::frontier);

    private final ObjectStore store;
    private final String prefix;
    private final Supplier<Optional<Pruned>> obeyed;

    SegmentSlots(ObjectStore store, String prefix, Supplier<Optional<Pruned>> obeyed) {
        this.store = store;
        this.prefix = prefix;
        this.obeyed = obeyed;
    }

    /** Those of the shards, by shard, generation and frontier. */
    public List<SegmentKey> of(IntPredicate shards) {
        return of(shards, Optional.empty());
    }

    /** @param from the first hour in which they are looked for; empty for all */
    List<SegmentKey> of(IntPredicate shards, Optional<Hour> from) {
        Predicate<SegmentKey> kept = kept();
        Optional<String> startAfter = from.map(hour -> prefix + ArchiveKey.segmentsOf(hour));
        List<SegmentKey> slots = new ArrayList<>();
        store.list(prefix + ArchiveKey.SEGMENTS, startAfter).forEachRemaining(key -> slotOf(key)
                .filter(slot -> shards.test(slot.shard()) && kept.test(slot))
                .ifPresent(slots::add));
        slots.sort(BY_SLOT);
        return slots;
    }

    /** Those of one hour, by shard, generation and frontier. */
    List<SegmentKey> of(Hour hour) {
        Predicate<SegmentKey> kept = kept();
        List<SegmentKey> slots = new ArrayList<>();
        store.list(prefix + ArchiveKey.segmentsOf(hour), Optional.empty())
                .forEachRemaining(key -> slotOf(key).filter(kept).ifPresent(slots::add));
        slots.sort(BY_SLOT);
        return slots;
    }

    /**
     * Those of some hours, in the order of hours. No page is fetched that begins behind them.
     *
     * @param from the first of them; empty for the first there is
     * @param before the first that is not meant; empty for all the later ones
     */
    public List<SegmentKey> between(Optional<Hour> from, Optional<Hour> before) {
        Predicate<SegmentKey> kept = kept();
        Optional<String> startAfter = from.map(hour -> prefix + ArchiveKey.segmentsOf(hour));
        List<SegmentKey> slots = new ArrayList<>();
        Iterator<String> keys = store.list(prefix + ArchiveKey.SEGMENTS, startAfter);
        while (keys.hasNext()) {
            Optional<SegmentKey> slot = slotOf(keys.next());
            if (slot.isPresent() && before.isPresent() && slot.get().hour().compareTo(before.get()) >= 0) {
                break;
            }
            slot.filter(kept).ifPresent(slots::add);
        }
        return slots;
    }

    /** The first hour of which there are segments. */
    public Optional<Hour> firstHour() {
        Predicate<SegmentKey> kept = kept();
        Iterator<String> keys = store.list(prefix + ArchiveKey.SEGMENTS, Optional.empty());
        while (keys.hasNext()) {
            Optional<SegmentKey> slot = slotOf(keys.next()).filter(kept);
            if (slot.isPresent()) {
                return slot.map(SegmentKey::hour);
            }
        }
        return Optional.empty();
    }

    /** Asked before the listing: what is given up meanwhile is deleted long after. */
    private Predicate<SegmentKey> kept() {
        Optional<Pruned> mark = obeyed.get();
        return slot -> mark.isEmpty() || !mark.get().givesUp(slot);
    }

    private Optional<SegmentKey> slotOf(String objectKey) {
        return ArchiveKey.parse(objectKey.substring(prefix.length()))
                .filter(SegmentKey.class::isInstance)
                .map(SegmentKey.class::cast);
    }
}
