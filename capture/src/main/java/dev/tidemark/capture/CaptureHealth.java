package dev.tidemark.capture;

import dev.tidemark.capture.proof.DoubtCause;
import dev.tidemark.schemas.health.Health;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Whether capture lives and does its work: told by its loop, asked by any thread. It works when its loop turns, every node
 * is watched and proves something, Kafka's group has taken it in, and no shard of its own is in doubt.
 */
final class CaptureHealth {
    /** Far longer than any turn: a loop that does not come round in this time never will. */
    private static final Duration STUCK = Duration.ofMinutes(2);

    /** Twice as long as a watcher waits for a barrier. */
    private static final Duration UNPROVEN = Duration.ofSeconds(60);

    private final LongSupplier nanoClock;
    private final Map<String, Boolean> nodes = new TreeMap<>();
    private final Map<String, Long> provenNanos = new TreeMap<>();
    private final Map<Integer, String> doubts = new TreeMap<>();
    private final Set<Integer> unclaimed = new TreeSet<>();
    private volatile long turnedNanos;
    private volatile boolean grouped;
    private volatile boolean clockSetBack;
    private volatile boolean failed;

    CaptureHealth(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.turnedNanos = nanoClock.getAsLong();
    }

    /** The loop came round. */
    void turned() {
        turnedNanos = nanoClock.getAsLong();
    }

    /** A thread of capture's has ended by itself. */
    void failed() {
        failed = true;
    }

    /** Whether Kafka's group counts us among its members, with shards or without. */
    void grouped(boolean member) {
        grouped = member;
    }

    /** Whether claims wait for Redis's clock to show again what it showed before. */
    void clockSetBack(boolean waited) {
        clockSetBack = waited;
    }

    /** Whether at least one watcher of the node covers. */
    synchronized void watched(String node, boolean covered) {
        nodes.put(node, covered);
        if (covered) {
            provenNanos.putIfAbsent(node, nanoClock.getAsLong());
        } else {
            provenNanos.remove(node);
        }
    }

    /** A barrier of the node is complete and may be claimed. */
    synchronized void proven(String node) {
        provenNanos.put(node, nanoClock.getAsLong());
    }

    /** The node is no part of the source any more. */
    synchronized void gone(String node) {
        nodes.remove(node);
        provenNanos.remove(node);
    }

    /** A shard of ours claims nothing until this is cured. */
    synchronized void doubted(int shard, DoubtCause cause) {
        doubts.put(shard, cause.name().toLowerCase(Locale.ROOT));
    }

    /** The shard claims again, or is not ours any more. */
    synchronized void cured(int shard) {
        doubts.remove(shard);
    }

    /** The group gave us the shard, and the log does not take our claim: nobody has it. */
    synchronized void unclaimed(int shard) {
        unclaimed.add(shard);
    }

    /** It is claimed, or not ours any more. */
    synchronized void notUnclaimed(int shard) {
        unclaimed.remove(shard);
    }

    synchronized Health health() {
        List<String> dead = new ArrayList<>();
        if (failed) {
            dead.add("capture has failed; the log says why");
        } else if (nanoClock.getAsLong() - turnedNanos > STUCK.toNanos()) {
            dead.add("the loop has not come round for more than %d s".formatted(STUCK.toSeconds()));
        }
        List<String> unready = new ArrayList<>();
        if (!grouped) {
            unready.add("Kafka's group has not taken this capture in");
        }
        if (nodes.isEmpty()) {
            unready.add("no node of Redis is known yet");
        }
        nodes.forEach((node, covered) -> {
            if (!covered) {
                unready.add("node %s is not watched".formatted(node));
            }
        });
        provenNanos.forEach((node, since) -> {
            if (nanoClock.getAsLong() - since > UNPROVEN.toNanos()) {
                unready.add("no barrier on node %s has been complete for more than %d s; the log says why"
                        .formatted(node, UNPROVEN.toSeconds()));
            }
        });
        if (clockSetBack) {
            unready.add("Redis's clock was set back, and nothing is claimed until it has passed the last claim");
        }
        unclaimed.forEach(shard -> unready.add("shard %d could not be claimed; the log says why".formatted(shard)));
        doubts.forEach((shard, cause) ->
                unready.add("shard %d is in doubt (%s) until it is resynced".formatted(shard, cause)));
        return new Health(dead, unready);
    }
}
