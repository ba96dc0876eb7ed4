package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;

/**
 * The part of an owned shard that lies on one node: its open keys, and the watcher that feeds them. A doubt ends it; what
 * comes later for it is void, and a resync works on a new one.
 *
 * <p>The <em>floor</em> is the beat up to which nothing is missing in the log: that of the last tidemark that counts, or
 * under a first resync, that of the barrier before its BEGIN. Any watcher that covers back to the floor can go on where
 * another one broke.
 */
public final class ShardPart {
    private final int shard;
    private final String node;
    private final OpenKeys open = new OpenKeys();
    private Coverage feeder;
    private Beat floor;
    /** A resync ends with a barrier that began after the last key was touched; null while keys are still looked for. */
    private Threshold scanned;

    ShardPart(int shard, String node) {
        this.shard = shard;
        this.node = Objects.requireNonNull(node, "node");
    }

    public String node() {
        return node;
    }

    public OpenKeys open() {
        return open;
    }

    /** Whether it is this watcher whose touches go straight to the open keys. */
    public boolean isFedBy(Coverage watcher) {
        return feeder == watcher;
    }

    /** The watcher that feeds it, unless that is over. */
    public Optional<Coverage> feeder() {
        return fed() ? Optional.of(feeder) : Optional.empty();
    }

    /**
     * The beat up to which a key that is touched now was as the log has it: that of the feeder's last barrier, or the floor
     * if that is later, as it is when a feeder takes over that was behind.
     */
    public long now() {
        return Math.max(feeder.lastComplete(), floor.beat());
    }

    /** The node's clock at a beat that a key is open since. */
    public long timeOf(long beat) {
        return feeder.beats().at(beat).timeMicros();
    }

    /** The node's clock at the feeder's last barrier. */
    long lastCompleteMicros() {
        return timeOf(feeder.lastComplete());
    }

    /** Nobody will ask for an earlier beat on behalf of this part. */
    public long oldestNeeded() {
        long needed = Math.min(open.oldest(), feeder == null ? OpenKeys.NONE : feeder.lastClaimable());
        return floor == null ? needed : Math.min(needed, floor.beat());
    }

    boolean fed() {
        return feeder != null && !feeder.over();
    }

    boolean canBegin(Collection<Coverage> watchers) {
        return watchers.stream().anyMatch(ShardPart::hasBegun);
    }

    private static boolean hasBegun(Coverage watcher) {
        return !watcher.over() && watcher.lastComplete() != Beats.NONE;
    }

    /** A resync begins here: every key is read again, so whatever was missed before does not matter. */
    void begin(Collection<Coverage> watchers) {
        feeder = watchers.stream().filter(ShardPart::hasBegun).findFirst().orElseThrow();
        floor = feeder.beats().at(feeder.lastComplete());
        feeder.feed(shard, held -> {});
    }

    /** Whether there is a watcher, other than the feeder, that saw everything since the floor. */
    boolean canGoOn(Collection<Coverage> watchers) {
        return watchers.stream().anyMatch(watcher -> watcher.covers(shard, floor));
    }

    /** Goes on with such a watcher, if there is one. */
    boolean goOn(Collection<Coverage> watchers) {
        for (Coverage watcher : watchers) {
            if (watcher.covers(shard, floor)) {
                feeder = watcher;
                watcher.beats().add(floor);
                watcher.feed(shard, held -> open.touched(held, "", floor.beat()));
                if (scanned != null) {
                    scanned.goOnWith(watcher);
                }
                return true;
            }
        }
        return false;
    }

    /** The feeder holds again, for whoever owns the shard next. */
    void release() {
        if (fed()) {
            feeder.hold(shard);
        }
        feeder = null;
    }

    void floorAt(Beat proven) {
        if (floor == null || (floor.runId().equals(proven.runId()) && floor.beat() < proven.beat())) {
            floor = proven;
        }
    }

    void notScanned() {
        scanned = null;
    }

    /** Every key has been touched. */
    void scanned() {
        scanned = Threshold.fromNowOn(feeder);
    }

    /** The latest barrier with nothing open since before it. */
    Optional<Beat> proven() {
        return fed() && feeder.lastClaimable() != Beats.NONE
                ? Optional.of(feeder.beats().at(Math.min(open.oldest(), feeder.lastClaimable())))
                : Optional.empty();
    }

    /** The same, if every key that the scan touched is behind it. */
    Optional<Beat> provenSinceScan() {
        return proven().filter(beat -> scanned != null && scanned.isPassedBy(beat.beat(), feeder));
    }
}
