package dev.tidemark.capture;

import dev.tidemark.capture.proof.Coverage;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Has every shard claimed anew from time to time, long before the log forgets the last claim: a reader that begins in the
 * middle of it then always finds one. Claiming anew is a takeover like any other, from us to us.
 */
final class Renewals {
    private static final Duration OFTEN_ENOUGH = Duration.ofHours(1);

    private final Duration every;
    private final IntConsumer reclaim;
    private final Set<OwnedShard> asked = new HashSet<>();

    Renewals(Duration retention, IntConsumer reclaim) {
        Duration quarter = retention.dividedBy(4);
        this.every = quarter.compareTo(OFTEN_ENOUGH) < 0 ? quarter : OFTEN_ENOUGH;
        this.reclaim = reclaim;
    }

    void claimAnew(int shard) {
        reclaim.accept(shard);
    }

    /** Asks for what is due; while nobody could go on without a gap it waits, but not for ever. */
    void ask(Collection<OwnedShard> owned, Function<String, Collection<Coverage>> watchers) {
        asked.retainAll(owned);
        for (OwnedShard shard : owned) {
            boolean due = shard.ageNanos() > every.toNanos();
            boolean overdue = shard.ageNanos() > 2 * every.toNanos();
            if (due && !asked.contains(shard) && (overdue || shard.proof().couldGoOn(watchers))) {
                asked.add(shard);
                reclaim.accept(shard.shard());
            }
        }
    }
}
