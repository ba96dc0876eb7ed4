package dev.tidemark.capture;

import dev.tidemark.capture.proof.Beats;
import dev.tidemark.capture.proof.Coverage;
import dev.tidemark.capture.proof.Doubt;
import dev.tidemark.capture.proof.OpenKeys;
import dev.tidemark.capture.proof.ShardPart;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.time.Duration;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** All primaries of the source, as they come and go. Belongs to the loop's thread. */
final class SourceNodes {
    private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

    private final LoopTools tools;
    private final RedisServers servers;
    private final Topology topology;
    private final Watcher.Listener listener;
    private final Map<String, SourceNode> nodes = new LinkedHashMap<>();
    private final Outage outage = new Outage("topology");
    private final Outage unsureOf = new Outage("primaries");
    private boolean asking;
    private long askAtNanos = System.nanoTime();
    private boolean changed;

    SourceNodes(RedisServers servers, LoopTools tools, Watcher.Listener listener) {
        this.servers = servers;
        this.tools = tools;
        this.topology = Topology.of(tools.settings().redis(), servers);
        this.listener = listener;
    }

    /** Does what is due, and tells whether slots lie elsewhere since the last time. */
    boolean tick() {
        askWhenDue();
        List.copyOf(nodes.values()).forEach(SourceNode::tick);
        boolean moved = changed;
        changed = false;
        return moved;
    }

    private void askWhenDue() {
        if (asking || System.nanoTime() < askAtNanos) {
            return;
        }
        asking = true;
        // Before the question: an answer says nothing of what comes after it.
        Map<Coverage, Long> asked = new HashMap<>();
        nodes.values().forEach(node -> node.coverage().forEach(seen -> asked.put(seen, seen.lastComplete())));
        tools.connector().execute(() -> {
            try {
                Topology.Answer answer = topology.ask();
                tools.mailbox().post(() -> {
                    found(answer.primaries());
                    vouch(answer, asked);
                });
            } catch (RuntimeException e) {
                tools.mailbox().post(() -> notFound(e));
            }
        });
    }

    private void vouch(Topology.Answer answer, Map<Coverage, Long> asked) {
        String unsure =
                nodes.keySet().stream().filter(node -> !answer.isInForce(node)).collect(Collectors.joining(", "));
        if (!unsure.isEmpty()) {
            tools.status()
                    .late(
                            unsureOf,
                            LateCause.PRIMARY_UNSURE,
                            "most of those who would know do not say that this primary is up and in force: " + unsure);
        } else {
            tools.status().onTime(unsureOf);
        }
        asked.forEach((seen, beat) -> {
            if (nodes.containsKey(seen.node()) && answer.isInForce(seen.node())) {
                if (seen.vouched(beat)) {
                    tools.status().health().proven(seen.node());
                }
            }
        });
    }

    private void found(List<Primary> primaries) {
        asking = false;
        tools.status().reachable(outage);
        askAtNanos = System.nanoTime() + askAgain().toNanos();
        Map<String, Primary> now = new HashMap<>();
        primaries.forEach(primary -> now.put(primary.address().toString(), primary));
        boolean same = now.keySet().equals(nodes.keySet())
                && nodes.values().stream().allMatch(node -> node.slots()
                        .equals(now.get(node.name()).slots()));
        if (same) {
            return;
        }
        CaptureLog.topology(String.join(",", now.keySet()));
        for (String gone : List.copyOf(nodes.keySet())) {
            if (!now.containsKey(gone)) {
                nodes.remove(gone).close();
            }
        }
        now.forEach((name, primary) -> nodes.computeIfAbsent(
                        name,
                        absent -> new SourceNode(
                                primary, servers.at(primary.address()), tools, listener, topology.mustVouch()))
                .moved(primary));
        changed = true;
    }

    /** Where claims wait for the answer, it is wanted for each barrier. */
    private Duration askAgain() {
        return topology.mustVouch() ? tools.settings().capture().barrierInterval() : ASK_AGAIN;
    }

    private void notFound(RuntimeException why) {
        asking = false;
        askAtNanos = System.nanoTime() + askAgain().toNanos();
        tools.status().unreachable(outage, LateCause.REDIS_SILENT, String.valueOf(why.getMessage()));
    }

    /** The nodes that hold slots of the shard; none while some of its slots are nobody's. */
    Set<String> of(int shard) {
        int count = tools.settings().source().shards();
        BitSet missing = new BitSet();
        missing.set(firstSlot(shard, count), firstSlot(shard + 1, count));
        Set<String> holding = new LinkedHashSet<>();
        for (SourceNode node : nodes.values()) {
            if (missing.intersects(node.slots())) {
                missing.andNot(node.slots());
                holding.add(node.name());
            }
        }
        return missing.isEmpty() ? holding : Set.of();
    }

    /** The least slot with slot * count / COUNT == shard. */
    private static int firstSlot(int shard, int count) {
        return (shard * HashSlot.COUNT + count - 1) / count;
    }

    /** The node that holds a slot, if we know it. */
    Optional<SourceNode> holding(int slot) {
        return nodes.values().stream().filter(node -> node.slots().get(slot)).findFirst();
    }

    Map<String, SourceNode> all() {
        return nodes;
    }

    /** What the watchers of a node have seen. */
    Collection<Coverage> coverage(String node) {
        SourceNode found = nodes.get(node);
        return found == null ? List.of() : found.coverage();
    }

    /** Whether on every node somebody has seen everything since some barrier. */
    boolean covered() {
        return !nodes.isEmpty()
                && nodes.values().stream()
                        .allMatch(node -> node.coverage().stream().anyMatch(seen -> seen.lastComplete() != Beats.NONE));
    }

    /** How many shards of others we could take over without a gap, as far as our own watchers tell. */
    int standingBy(int shards, Set<Integer> owned) {
        int standing = 0;
        for (int shard = 0; shard < shards; shard++) {
            int number = shard;
            Set<String> holding = of(shard);
            boolean covered = !owned.contains(shard)
                    && !holding.isEmpty()
                    && holding.stream().allMatch(node -> coverage(node).stream().anyMatch(seen -> seen.holds(number)));
            standing += covered ? 1 : 0;
        }
        return standing;
    }

    /** A tidemark of the shard counts: what it covers need not be kept for us. */
    void counted(int shard, Beat beat, IntPredicate ours) {
        SourceNode node = nodes.get(beat.node());
        if (node != null) {
            node.watchers().forEach(watcher -> watcher.counted(shard, beat, ours));
        }
    }

    /** A watch is over, and so are the others of its node where the doubt concerns them too. */
    void over(Watcher watcher, Doubt doubt) {
        SourceNode node = nodes.get(watcher.node());
        if (node == null) {
            return;
        }
        List<Watcher> concerned = doubt.cause().isOfNode() ? List.copyOf(node.watchers()) : List.of(watcher);
        concerned.forEach(node::over);
    }

    void want(Resync.Want want) {
        SourceNode node = nodes.get(want.part().node());
        if (node != null) {
            node.resync().want(want);
        }
    }

    void scan(boolean room, long valueBytes, Resync.Taker taker) {
        for (SourceNode node : nodes.values()) {
            node.link().ifPresent(link -> node.resync().step(link, room, valueBytes, taker));
        }
    }

    /** Nobody asks for the beats any more that no part needs. */
    void forgetBeats(Collection<OwnedShard> owned) {
        for (SourceNode node : nodes.values()) {
            long needed = OpenKeys.NONE;
            for (OwnedShard shard : owned) {
                needed = Math.min(
                        needed,
                        shard.proof()
                                .part(node.name())
                                .map(ShardPart::oldestNeeded)
                                .orElse(OpenKeys.NONE));
            }
            node.forgetBeatsBefore(needed);
        }
    }

    void slept(long nanos) {
        nodes.values().forEach(node -> node.slept(nanos));
    }

    void retire() {
        nodes.values().forEach(SourceNode::retire);
        nodes.clear();
    }
}
