package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyHistory;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.Written;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** All histories, and the counts of what was done. */
final class Chronicle {
    private static final long MIGRATION_MILLIS_MAX = 10_000;

    private final int entriesPerKeyMax;
    private final ConcurrentMap<Key, KeyHistory> histories = new ConcurrentHashMap<>();
    private final Map<Operation, LongAdder> performed = new EnumMap<>(Operation.class);
    private final ConcurrentMap<String, LongAdder> refused = new ConcurrentHashMap<>();
    private final AtomicLong lastSeenMicros = new AtomicLong();
    private final AtomicLong lastWriteMicros = new AtomicLong();

    Chronicle(int entriesPerKeyMax) {
        this.entriesPerKeyMax = entriesPerKeyMax;
        for (Operation operation : Operation.values()) {
            performed.put(operation, new LongAdder());
        }
    }

    KeyHistory historyOf(Key key) {
        return histories.computeIfAbsent(key, unseen -> new KeyHistory(entriesPerKeyMax));
    }

    Map<Key, KeyHistory> histories() {
        return histories;
    }

    /** What was there before the first write. */
    void found(Sighting sighting) {
        seen(sighting.throughMicros());
        historyOf(sighting.key())
                .append(new Written(
                        sighting.state(), sighting.fromMicros(), sighting.throughMicros(), Operation.FOUND));
    }

    /** A write whose outcome Redis told; one that changed nothing leaves no entry. */
    void wrote(KeyHistory history, KeyState state, long fromMicros, long throughMicros, Operation by) {
        seen(throughMicros);
        KeyState last = history.last();
        // Expired before this began, that is; otherwise it may well have been this write that ended it.
        boolean expired = state.absent() && last.expires() && last.expireAtMillis() < fromMicros / 1_000;
        if (expired || state.equals(last)) {
            history.settled();
            return;
        }
        history.append(new Written(state, fromMicros, throughMicros, by));
        lastWriteMicros.accumulateAndGet(throughMicros, Math::max);
    }

    /**
     * A write whose answer was lost, and what the key held later, when the write could no longer happen. Something
     * is there: the write left it, or it was there before; either way nothing else was there since. Nothing is
     * there: the write may have left something that expired before anybody looked.
     */
    void recovered(KeyHistory history, long sentMicros, Sighting sighting, Operation by) {
        seen(sighting.throughMicros());
        if (sighting.state().absent()) {
            history.append(new Written(KeyState.UNKNOWN, sentMicros, sighting.throughMicros(), by));
        } else if (sighting.state().equals(history.last())) {
            history.settled();
            return;
        }
        history.append(new Written(sighting.state(), sentMicros, sighting.throughMicros(), by));
        lastWriteMicros.accumulateAndGet(sighting.throughMicros(), Math::max);
    }

    /**
     * A key whose slot moved. MIGRATE sends how much is left until its expiry, not when that is, so it expires some
     * milliseconds later than it did; at some instant since it was written, since nobody saw when.
     */
    void migrated(KeyHistory history, Sighting sighting) {
        seen(sighting.throughMicros());
        List<Written> writes = history.past().writes();
        Written last = writes.get(writes.size() - 1);
        KeyState now = sighting.state();
        long later = now.expireAtMillis() - last.state().expireAtMillis();
        if (now.sameBytes(last.state()) && now.expires() && later > 0 && later <= MIGRATION_MILLIS_MAX) {
            history.append(new Written(now, last.fromMicros(), sighting.throughMicros(), last.by()));
        }
    }

    /** The server's data was replaced at some instant after this one, and this is what came in its place. */
    void worldReplaced(Sighting sighting, long afterMicros) {
        KeyHistory history = historyOf(sighting.key());
        KeyHistory.Past past = history.past();
        boolean mayHaveExpired =
                past.forgotten() || past.anyExpires(afterMicros / 1_000, sighting.throughMicros() / 1_000);
        boolean heldUnseen = past.isPending() || (sighting.state().absent() && mayHaveExpired);
        if (past.writes().isEmpty()) {
            history.append(new Written(KeyState.ABSENT, afterMicros, afterMicros, Operation.FOUND));
        }
        if (heldUnseen) {
            // A lost write, or an older state that came back and expired: nobody saw it.
            long sinceMicros = Math.min(afterMicros, past.pendingSinceMicros());
            history.append(
                    new Written(KeyState.UNKNOWN, sinceMicros, sighting.throughMicros(), Operation.WORLD_REPLACED));
        }
        if (heldUnseen || !sighting.state().equals(history.last())) {
            history.append(
                    new Written(sighting.state(), afterMicros, sighting.throughMicros(), Operation.WORLD_REPLACED));
        }
        history.settled();
    }

    void seen(long micros) {
        lastSeenMicros.accumulateAndGet(micros, Math::max);
    }

    long lastSeenMicros() {
        return lastSeenMicros.get();
    }

    long lastWriteMicros() {
        return lastWriteMicros.get();
    }

    void performed(Operation operation) {
        performed.get(operation).increment();
    }

    void refused(String error) {
        // By the first words alone, so that there are only so many.
        String kind = error.length() > 40 ? error.substring(0, 40) : error;
        refused.computeIfAbsent(kind, first -> new LongAdder()).increment();
    }

    Map<Operation, Long> performed() {
        Map<Operation, Long> counts = new EnumMap<>(Operation.class);
        performed.forEach((operation, count) -> counts.put(operation, count.sum()));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    Map<String, Long> refused() {
        Map<String, Long> counts = new TreeMap<>();
        refused.forEach((error, count) -> counts.put(error, count.sum()));
        return counts;
    }

    long writes() {
        return sum(performed.values());
    }

    private static long sum(Collection<LongAdder> adders) {
        return adders.stream().mapToLong(LongAdder::sum).sum();
    }

    /** Windows that begin at or before this reach into what was forgotten. */
    long forgottenThroughMicros() {
        return histories.values().stream()
                .mapToLong(KeyHistory::forgottenThroughMicros)
                .max()
                .orElse(Long.MIN_VALUE);
    }
}
