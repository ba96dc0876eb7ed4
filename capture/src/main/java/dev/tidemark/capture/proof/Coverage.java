package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What one watcher of a node has seen, and how far back.
 *
 * <p>For each shard it either <em>feeds</em> the open keys of its owner in this process, or <em>holds</em> the touches, so
 * that it can take over when the watcher that feeds breaks or the shard's owner dies. It covers a shard from the first
 * barrier begun after it started to hold.
 */
public final class Coverage {
    /** Hours of barriers. Held touches whose barrier is forgotten are only held longer than they need be. */
    private static final int BARRIERS_MAX = 8_192;

    private static final long FIRST_BARRIER = 1;

    private static final class Hold {
        private final long fromBarrier;
        private final HeldTouches touches = new HeldTouches();
        private Beat from;

        private Hold(long fromBarrier) {
            this.fromBarrier = fromBarrier;
        }
    }

    private final String node;
    private final Beats beats;
    private final Map<Integer, Hold> holds = new HashMap<>();
    /** Beats of barriers that completed, while some hold may still want to compare with them. */
    private final TreeMap<Long, Beat> completed = new TreeMap<>();

    private final boolean needsVouching;
    private long begun;
    private Beat inherited;
    private Beat first;
    private Beat last;
    private long lastVouched = Beats.NONE;
    private boolean over;

    /**
     * @param shards how many there are; all are held at first
     * @param beats of the node's run, shared with its other watchers
     */
    public Coverage(String node, int shards, Beats beats) {
        this(node, shards, beats, false);
    }

    /**
     * The same.
     *
     * @param needsVouching whether a beat proves nothing until somebody has {@link #vouched} that the node was the primary
     *     then: one that was replaced without knowing it answers as ever
     */
    public Coverage(String node, int shards, Beats beats, boolean needsVouching) {
        this.needsVouching = needsVouching;
        this.node = Objects.requireNonNull(node, "node");
        this.beats = Objects.requireNonNull(beats, "beats");
        for (int shard = 0; shard < shards; shard++) {
            hold(shard);
        }
    }

    public String node() {
        return node;
    }

    public Beats beats() {
        return beats;
    }

    /** Begins to hold a shard's touches anew; what was held before is forgotten. */
    public void hold(int shard) {
        holds.put(shard, new Hold(begun + 1));
    }

    /** A barrier was sent; what arrives from now on belongs to the next generation. */
    public void begun(long barrier) {
        begun = barrier;
    }

    /** The barrier sent last wrote nothing, and its number is used again. */
    public void refused() {
        // Touches that came since stay in the later generation, where they are held longer than they need be.
        begun--;
    }

    public void completed(Beat beat) {
        beats.add(beat);
        completed.put(beat.n(), beat);
        if (completed.size() > BARRIERS_MAX) {
            completed.pollFirstEntry();
        }
        for (Hold hold : holds.values()) {
            if (hold.from == null && beat.n() >= hold.fromBarrier) {
                // Whoever began to hold later has missed what came before.
                hold.from = hold.fromBarrier == FIRST_BARRIER && inherited != null ? inherited : beat;
            }
        }
        first = first == null ? beat : first;
        last = beat;
    }

    /**
     * Whatever came since an earlier beat, and is in no tidemark, has been handed over too, by the time the first barrier
     * completes: a journal kept it.
     */
    public void inherit(Beat from) {
        inherited = from;
    }

    /** The watch is over: what it saw stays true, but it sees no more. */
    public void end() {
        over = true;
    }

    public boolean over() {
        return over;
    }

    /** The barrier sent last; 0 before the first. */
    public long begun() {
        return begun;
    }

    /** The beat of the last barrier that completed; {@link Beats#NONE} before the first. */
    public long lastComplete() {
        return last == null ? Beats.NONE : last.beat();
    }

    /**
     * The node was still the primary after this beat, which is one of ours.
     *
     * @return whether that is news
     */
    public boolean vouched(long beat) {
        boolean isLater = beat > lastVouched;
        lastVouched = Math.max(lastVouched, beat);
        return isLater;
    }

    /** The beat of the last barrier that may be claimed; {@link Beats#NONE} before the first. */
    public long lastClaimable() {
        return needsVouching ? lastVouched : lastComplete();
    }

    /** The beat of the first barrier that was begun at or after this number and has completed; NONE if there is none. */
    public long firstCompleteFrom(long barrier) {
        Map.Entry<Long, Beat> first = completed.ceilingEntry(barrier);
        return first == null ? Beats.NONE : first.getValue().beat();
    }

    /** A touch of a shard that this watcher holds. */
    public void touched(int shard, KeyRef ref) {
        Hold hold = holds.get(shard);
        if (hold != null) {
            hold.touches.touched(ref, begun + 1);
        }
    }

    /** Whether a shard's touches are held, and have been since some barrier. */
    public boolean holds(int shard) {
        Hold hold = holds.get(shard);
        return !over && hold != null && hold.from != null;
    }

    /** Whether every touch since that beat of the same run is held here. */
    public boolean covers(int shard, Beat since) {
        Hold hold = holds.get(shard);
        if (over || hold == null || last == null || !last.runId().equals(since.runId())) {
            return false;
        }
        return hold.from != null && isNotAfter(hold.from, since) && isOfOneCount(since);
    }

    /** Nobody watched between what is inherited and the first barrier: the counter may have been set back there. */
    private boolean isOfOneCount(Beat since) {
        return inherited == null || isNotAfter(first, since) || isNotAfter(since, first);
    }

    /**
     * By the node's counter and by its clock. CONFIG RESETSTAT sets the counter back, and nobody may have watched while it
     * did: a beat after it then looks earlier than every beat before it, unless the clock was set back too.
     */
    private static boolean isNotAfter(Beat one, Beat other) {
        return one.beat() <= other.beat() && one.timeMicros() <= other.timeMicros();
    }

    /** Hands over what is held; from now on touches of the shard are not held here. */
    void feed(int shard, Consumer<KeyRef> taker) {
        Hold hold = holds.remove(shard);
        if (hold != null) {
            hold.touches.forEach(taker);
        }
    }

    /** A tidemark of the shard that counts proves all that this node's watchers saw up to that beat. */
    public void counted(int shard, Beat beat) {
        Hold hold = holds.get(shard);
        if (hold != null) {
            hold.touches.dropThrough(through(beat));
        }
    }

    /** The number of the last barrier of this watcher that a beat covers; 0 if it covers none. */
    public long through(Beat beat) {
        long through = 0;
        if (last == null || !last.runId().equals(beat.runId())) {
            return through;
        }
        for (Beat own : completed.values()) {
            if (!isNotAfter(own, beat)) {
                break;
            }
            through = own.n();
        }
        return through;
    }

    /** How many keys of a shard are held. */
    public int held(int shard) {
        Hold hold = holds.get(shard);
        return hold == null ? 0 : hold.touches.size();
    }

    /** Memory for the names that are held. */
    public long heldBytes() {
        return holds.values().stream().mapToLong(hold -> hold.touches.bytes()).sum();
    }

    /** The shard for which most is held starts again: it is covered from the next barrier on. */
    public void forgetMost() {
        holds.entrySet().stream()
                .max(java.util.Comparator.comparingLong(
                        entry -> entry.getValue().touches.bytes()))
                .ifPresent(most -> hold(most.getKey()));
    }
}
