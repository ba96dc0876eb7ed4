package dev.tidemark.compactor.cut;

import dev.tidemark.compactor.cut.GeneratedLog.Row;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A bucket reduced to what matters: a key is won once. */
final class SlotMap {
    private final Map<String, Stored> objects = new HashMap<>();

    record Stored(Segment segment, List<Row> rows, long sizeBytes) {}

    /** Empty if the key was free and is now ours, else the winner. */
    Optional<Segment> putIfAbsent(Cut cut, List<Row> rows) {
        Segment segment =
                new Segment(cut.key(), cut.end(), cut.epochAfter(), cut.lastMicros(), cut.rows(), cut.claims(), 0, "");
        Stored winner = objects.putIfAbsent(cut.key().path(), new Stored(segment, List.copyOf(rows), cut.sizeBytes()));
        return Optional.ofNullable(winner).map(Stored::segment);
    }

    List<Stored> inOrder() {
        List<Stored> stored = new ArrayList<>(objects.values());
        stored.sort(Comparator.comparingLong(it -> it.segment().key().frontier()));
        return stored;
    }

    /** As LIST and HEAD find it. */
    Optional<Segment> last() {
        return objects.values().stream()
                .map(Stored::segment)
                .max(Comparator.comparingLong(segment -> frontier(segment.key())));
    }

    private static long frontier(SegmentKey key) {
        return key.frontier();
    }
}
