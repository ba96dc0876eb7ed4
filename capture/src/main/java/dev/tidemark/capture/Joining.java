package dev.tidemark.capture;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * When a capture may ask for shards. Kafka's group gives a newcomer those of a member that has just died, though another one
 * stands by that has seen everything since their last tidemark. So it waits until it could take over any shard without a
 * gap; unless nobody claims anything, for then nobody else stands by. Belongs to the loop's thread.
 */
final class Joining {
    /** Longer than the group takes to find a member dead and to give its shards away. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration GRACE = Duration.ofMillis(500);

    private final int shards;
    private final Duration silence;
    private final Set<Integer> covered = new HashSet<>();
    private long sinceNanos;
    private boolean watching;

    Joining(int shards, Duration barrierInterval) {
        this.shards = shards;
        this.silence = barrierInterval.multipliedBy(2).plus(GRACE);
    }

    /** A tidemark of somebody's counts, and everything since then has been seen here. */
    void covers(int shard) {
        covered.add(shard);
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
        long waited = nowNanos - sinceNanos;
        return covered.size() == shards
                || (covered.isEmpty() && waited > silence.toNanos())
                || waited > PATIENCE.toNanos();
    }
}
