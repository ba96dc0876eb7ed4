package dev.tidemark.capture;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * When a capture may ask for shards. Kafka's group gives a newcomer those of a member that has just died, though another one
 * stands by that has seen everything since their last tidemark. So it waits until it could take over any shard without a
 * gap; unless nobody is in the group, for then nobody else stands by. That nothing is claimed says nothing: an owner may be
 * late. Belongs to the loop's thread.
 */
final class Joining {
    /** Longer than the group takes to find a member dead and to give its shards away. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int shards;
    private final Set<Integer> covered = new HashSet<>();
    private long sinceNanos;
    private boolean watching;
    private boolean alone;

    Joining(int shards) {
        this.shards = shards;
    }

    /** A tidemark of somebody's counts, and everything since then has been seen here. */
    void covers(int shard) {
        covered.add(shard);
    }

    /** Whether nobody is in the group. */
    void alone(boolean now) {
        alone = now;
    }

    /** @param watched whether every node is watched since some barrier */
    boolean mayJoin(boolean watched, long nowNanos) {
        if (!watched) {
            return false;
        }
        if (!watching) {
            watching = true;
            sinceNanos = nowNanos;
        }
        return alone || covered.size() == shards || nowNanos - sinceNanos > PATIENCE.toNanos();
    }
}
