package dev.tidemark.schemas.layout;

import dev.tidemark.schemas.layout.ArchiveKey.BaselineKey;
import dev.tidemark.schemas.layout.ArchiveKey.BlobKey;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.MarkerKey;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;

/**
 * What of an archive is given up for good: from the moment this is written no reader uses it and no writer adds to it; only
 * {@link #DELETED_AFTER} later is it deleted, since who was already reading knew nothing of this. Whole hours, so that segments,
 * roll-ups and markers end at the same offsets.
 *
 * @param stampMicros by the clock of who wrote it
 * @param keptFromMicros every time from here on that could be restored still can be
 * @param keptHour the first hour that is kept
 * @param generation of the log that the offsets belong to
 * @param keptOffsets by shard: the log is unbroken on S3 from here on
 * @param baselinesFromMicros baselines that were begun earlier are given up
 * @param blobsFrom large values of earlier days are given up
 */
public record Pruned(
        PrunedKey key,
        long stampMicros,
        long keptFromMicros,
        Hour keptHour,
        int generation,
        List<Long> keptOffsets,
        long baselinesFromMicros,
        LocalDate blobsFrom) {
    /** How long a restore may read what it has planned. */
    public static final Duration DELETED_AFTER = Duration.ofHours(24);

    /** A doubt is dated by capture's own clock, what is kept by Redis's. */
    private static final long CLOCKS_DIFFER_MICROS_MAX = 60_000_000;

    public Pruned {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(keptHour, "keptHour");
        Objects.requireNonNull(blobsFrom, "blobsFrom");
        keptOffsets = List.copyOf(keptOffsets);
        if (generation < 1 || keptOffsets.isEmpty() || keptOffsets.stream().anyMatch(offset -> offset < 0)) {
            throw new IllegalArgumentException(
                    "no mark keeps generation %d from %s on".formatted(generation, keptOffsets));
        }
    }

    /** Whether that object is given up. Of what is not of a restore, nothing is. */
    public boolean givesUp(ArchiveKey object) {
        if (object instanceof SegmentKey segment) {
            return segment.hour().compareTo(keptHour) < 0
                    || (segment.generation() == generation
                            && segment.shard() < keptOffsets.size()
                            && segment.frontier() < keptOffsets.get(segment.shard()));
        }
        if (object instanceof RollUpKey rollUp) {
            return rollUp.hour().compareTo(keptHour) < 0;
        }
        if (object instanceof MarkerKey marker) {
            return marker.hour().compareTo(keptHour) < 0;
        }
        if (object instanceof BaselineKey baseline) {
            return baseline.startedMicros() < baselinesFromMicros;
        }
        if (object instanceof BlobKey blob) {
            return blob.day().isBefore(blobsFrom);
        }
        if (object instanceof PrunedKey mark) {
            return mark.number() < key.number();
        }
        return object instanceof GapKey gap && gap.timeMicros() < keptFromMicros - CLOCKS_DIFFER_MICROS_MAX;
    }

    /** Whether this gives up all that the other one does: marks only ever move on. */
    public boolean includes(Pruned before) {
        boolean isAhead = generation == before.generation
                && keptOffsets.size() == before.keptOffsets.size()
                && keptHour.compareTo(before.keptHour) >= 0
                && keptFromMicros >= before.keptFromMicros
                && baselinesFromMicros >= before.baselinesFromMicros
                && !blobsFrom.isBefore(before.blobsFrom);
        for (int shard = 0; isAhead && shard < keptOffsets.size(); shard++) {
            isAhead = keptOffsets.get(shard) >= before.keptOffsets.get(shard);
        }
        return isAhead;
    }
}
