package dev.tidemark.capture.proof;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How far one stream of the journal is acknowledged: up to the entry that had been read when a barrier was begun, once every
 * shard that the stream can tell of has a tidemark that counts and covers that barrier.
 *
 * <p>Not when the log has acknowledged the states: rows of a fenced owner are acknowledged too, and count for nobody.
 * So whatever is behind the acknowledged entry is all that the next capture needs.
 */
public final class JournalPosition {
    /** Hours of barriers; the stream is acknowledged later where they are forgotten, and nothing else. */
    private static final int BARRIERS_MAX = 8_192;

    private final Map<Integer, Long> coveredByShard = new HashMap<>();
    private final TreeMap<Long, EntryId> readBefore = new TreeMap<>();

    /** @param shards whose keys the stream may name */
    public JournalPosition(Set<Integer> shards) {
        shards.forEach(shard -> coveredByShard.put(shard, 0L));
    }

    /** A barrier is about to be begun, and everything up to this entry has been handed over. */
    public void begun(long barrier, EntryId read) {
        readBefore.put(barrier, read);
        if (readBefore.size() > BARRIERS_MAX) {
            readBefore.pollFirstEntry();
        }
    }

    /** A tidemark of the shard counts and covers this barrier: what is acknowledged by it, if that is news. */
    public Optional<EntryId> counted(int shard, long barrier) {
        if (coveredByShard.computeIfPresent(shard, (same, before) -> Math.max(before, barrier)) == null) {
            return Optional.empty();
        }
        long least = coveredByShard.values().stream()
                .mapToLong(Long::longValue)
                .min()
                .orElseThrow();
        Map.Entry<Long, EntryId> acknowledged = readBefore.floorEntry(least);
        if (acknowledged == null) {
            return Optional.empty();
        }
        readBefore.headMap(acknowledged.getKey(), true).clear();
        return Optional.of(acknowledged.getValue());
    }
}
