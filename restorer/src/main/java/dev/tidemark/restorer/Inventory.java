package dev.tidemark.restorer;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Looked;
import dev.tidemark.restorer.plan.KeptFrom;
import dev.tidemark.restorer.plan.ShardArchive;
import dev.tidemark.restorer.plan.ShardArchive.Lost;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * What S3 holds of every shard's log: hours that are rolled up by their markers, a request each, and what lies between,
 * before and after them segment by segment. Where a marker cannot be read, or a roll-up is not there, the segments that it
 * stands for are looked at as well. What cannot be read is remembered as lost: that it was there is known, and a plan must not
 * pass over it.
 */
final class Inventory {
    private final Archive archive;
    private final int shards;
    private final IntPredicate wanted;
    private final Optional<Hour> before;
    private final List<List<RollUp>> rollUps = new ArrayList<>();
    private final List<List<Segment>> segments = new ArrayList<>();
    private final List<List<Lost>> lost = new ArrayList<>();
    private final List<String> damage = new ArrayList<>();

    private Inventory(Archive archive, int shards, IntPredicate wanted, Optional<Hour> before) {
        this.archive = archive;
        this.shards = shards;
        this.wanted = wanted;
        this.before = before;
        for (int shard = 0; shard < shards; shard++) {
            rollUps.add(new ArrayList<>());
            segments.add(new ArrayList<>());
            lost.add(new ArrayList<>());
        }
    }

    /**
     * Looks at everything once.
     *
     * @param wanted shards; of the others nothing is looked at
     * @param before the first hour that is not looked at, nor any later one; empty for none
     */
    static Inventory of(Archive archive, int shards, IntPredicate wanted, Optional<Hour> before) {
        Inventory inventory = new Inventory(archive, shards, wanted, before);
        // Markers before segments: an hour that is rolled up in between is then known by its segments, which stay for
        // days.
        NavigableMap<Hour, HourMarker> markers = inventory.readMarkers();
        Set<SegmentKey> slots = inventory.takeRollUps(markers.values());
        slots.addAll(inventory.unmarked(markers));
        inventory.takeSegments(slots);
        return inventory;
    }

    /** Of one shard, without a tail. */
    ShardArchive shard(int shard, Optional<Progress> progress, Optional<KeptFrom> keptFrom) {
        return new ShardArchive(
                shard, rollUps.get(shard), segments.get(shard), lost.get(shard), progress, Optional.empty(), keptFrom);
    }

    /** A sentence for each object that is missing or damaged. */
    List<String> damage() {
        return List.copyOf(damage);
    }

    private NavigableMap<Hour, HourMarker> readMarkers() {
        NavigableMap<Hour, HourMarker> markers = new TreeMap<>();
        List<Hour> hours = archive.rolled().hours(Optional.empty()).stream()
                .filter(hour -> before.isEmpty() || hour.compareTo(before.get()) < 0)
                .toList();
        for (Looked<Hour, HourMarker> looked : archive.rolled().look(hours)) {
            if (looked.found().isEmpty()) {
                damage.add(looked.fault());
                continue;
            }
            HourMarker marker = looked.found().get();
            if (marker.shards().size() != shards) {
                throw otherShards(marker.shards().size());
            }
            marker.shards().forEach(this::requireKnown);
            markers.put(looked.key(), marker);
        }
        return markers;
    }

    /** @return what there is in place of roll-ups whose files are gone */
    private Set<SegmentKey> takeRollUps(Collection<HourMarker> markers) {
        List<RollUp> all = markers.stream()
                .flatMap(marker -> marker.shards().stream())
                .filter(rollUp -> wanted.test(rollUp.shard()))
                .toList();
        Set<RollUp> gone = archive.rolled().lost(all);
        for (RollUp rollUp : all) {
            if (gone.contains(rollUp)) {
                lost.get(rollUp.shard()).add(new Lost(rollUp.from(), rollUp.to(), rollUp.claims()));
                damage.add(archive.uriOf(rollUp) + " is missing or has another length");
            } else {
                rollUps.get(rollUp.shard()).add(rollUp);
            }
        }
        Set<SegmentKey> slots = new HashSet<>();
        gone.stream().map(RollUp::hour).distinct().forEach(hour -> {
            for (SegmentKey slot : archive.slots().between(Optional.of(hour), Optional.of(hour.next()))) {
                if (gone.stream().anyMatch(rollUp -> rollUp.hour().equals(hour) && rollUp.shard() == slot.shard())) {
                    slots.add(slot);
                }
            }
        });
        return slots;
    }

    /** Markers are written hour by hour, so what one of them does not speak of lies between two, or at either end. */
    private List<SegmentKey> unmarked(NavigableMap<Hour, HourMarker> markers) {
        if (markers.isEmpty()) {
            return archive.slots().between(Optional.empty(), before);
        }
        List<SegmentKey> slots =
                new ArrayList<>(archive.slots().between(Optional.empty(), Optional.of(markers.firstKey())));
        for (Hour hour : markers.keySet()) {
            Optional<Hour> next = Optional.ofNullable(markers.higherKey(hour)).or(() -> before);
            if (next.isEmpty() || !next.get().equals(hour.next())) {
                slots.addAll(archive.slots().between(Optional.of(hour.next()), next));
            }
        }
        return slots;
    }

    private void takeSegments(Set<SegmentKey> slots) {
        for (SegmentKey slot : slots) {
            requireKnown(slot.shard(), slot.generation());
        }
        List<SegmentKey> ours =
                slots.stream().filter(slot -> wanted.test(slot.shard())).toList();
        for (Looked<SegmentKey, Segment> looked : archive.look(ours)) {
            SegmentKey slot = looked.key();
            if (looked.found().isPresent()) {
                segments.get(slot.shard()).add(looked.found().get());
            } else {
                // How far it reached nobody knows; that it was there is enough to make its absence a hole.
                lost.get(slot.shard()).add(new Lost(slot.frontier(), slot.frontier() + 1, List.of()));
                damage.add(looked.fault());
            }
        }
    }

    private void requireKnown(ArchivedRange range) {
        requireKnown(range.shard(), range.generation());
    }

    /** An archive of which we understand only a part would be planned too short. */
    private void requireKnown(int shard, int generation) {
        if (shard >= shards) {
            throw otherShards(shard + 1);
        }
        if (generation != LogTopics.FIRST_GENERATION) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "the archive holds generation %d of the log, which this build does not know; nothing was read. Restore with the build that wrote it"
                            .formatted(generation));
        }
    }

    private TidemarkError otherShards(int found) {
        return new TidemarkError(
                ExitCode.USAGE,
                "the archive holds shard %d and source.shards is %d: the number is fixed for the life of a source's name. Nothing was read; set source.shards to what it was when the archive began"
                        .formatted(found - 1, shards));
    }
}
