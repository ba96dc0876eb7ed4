package dev.tidemark.bench;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How far the archive claims a source, asked so cheaply that asking does not slow down what is asked about: one LIST, and
 * a HEAD of a segment that was not there before. It sees each shard's newest claim only, which is enough to stop a clock;
 * whether the whole is restorable is for the restorer to say.
 */
final class ArchivedClaims {
    private final Archive archive;
    private final int shards;
    private final Map<Integer, Segment> newest = new HashMap<>();

    ArchivedClaims(Archive archive, int shards) {
        this.archive = archive;
        this.shards = shards;
    }

    /** Whether every shard is claimed at least up to this time. */
    boolean reach(long micros) {
        Map<Integer, SegmentKey> slots = new HashMap<>();
        // By frontier within a shard, so the last of a shard stays.
        archive.slots().of(shard -> true).forEach(slot -> slots.put(slot.shard(), slot));
        for (int shard = 0; shard < shards; shard++) {
            SegmentKey slot = slots.get(shard);
            if (slot == null || claimed(shard, slot).orElse(Long.MIN_VALUE) < micros) {
                return false;
            }
        }
        return true;
    }

    private OptionalLong claimed(int shard, SegmentKey slot) {
        Segment known = newest.get(shard);
        Segment segment = known != null && known.key().equals(slot)
                ? known
                : archive.segment(slot).orElseThrow();
        newest.put(shard, segment);
        // A claim counts once the segments reach its offset; an idle shard's newest is in its progress alone.
        Optional<ClaimInterval> inProgress = archive.progress(shard)
                .filter(progress -> progress.generation() == LogTopics.FIRST_GENERATION)
                .flatMap(Progress::claim);
        return Stream.concat(segment.claims().stream(), inProgress.stream())
                .filter(claim -> claim.offset() <= segment.end())
                .mapToLong(ClaimInterval::throughMicros)
                .max();
    }
}
