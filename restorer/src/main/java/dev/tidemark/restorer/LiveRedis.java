package dev.tidemark.restorer;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A live Redis that is only read: one server, or every primary of a Cluster. */
final class LiveRedis implements AutoCloseable {
    private static final String UNTOUCHED = "Nothing is ever written to it by this command";

    private final TargetRedis entry;
    private final List<LiveNode> nodes = new ArrayList<>();
    private final LiveNode[] bySlot = new LiveNode[HashSlot.COUNT];

    private LiveRedis(TargetRedis entry) {
        this.entry = entry;
    }

    /**
     * Connects.
     *
     * @param entry any node of a Cluster, or the server itself; it stays the caller's
     * @param dumpBytesMax a larger dump is not taken into memory
     */
    static LiveRedis of(TargetRedis entry, RestoreTarget address, long dumpBytesMax) {
        LiveRedis redis = new LiveRedis(entry);
        try {
            redis.connect(address, dumpBytesMax);
            return redis;
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    private void connect(RestoreTarget address, long dumpBytesMax) {
        boolean isCluster = entry.info("cluster", UNTOUCHED)
                .getOrDefault("cluster_enabled", "0")
                .equals("1");
        if (!isCluster) {
            LiveNode only = node(address, dumpBytesMax);
            Arrays.fill(bySlot, only);
            return;
        }
        Map<RestoreTarget, LiveNode> primaries = new LinkedHashMap<>();
        for (Object range : entry.ask(redis -> redis.clusterSlots(), UNTOUCHED)) {
            List<?> slots = (List<?>) range;
            List<?> primary = (List<?>) slots.get(2);
            // A node that does not know its own name is the one that answers.
            String host =
                    primary.get(0) instanceof byte[] name && name.length > 0 ? TargetRedis.ascii(name) : address.host();
            RestoreTarget there = new RestoreTarget(
                    host,
                    Math.toIntExact((Long) primary.get(1)),
                    address.tls(),
                    address.username(),
                    address.password());
            LiveNode node = primaries.computeIfAbsent(there, each -> node(each, dumpBytesMax));
            Arrays.fill(bySlot, Math.toIntExact((Long) slots.get(0)), Math.toIntExact((Long) slots.get(1)) + 1, node);
        }
        if (Arrays.asList(bySlot).contains(null)) {
            throw TargetRedis.refused(
                    "%s is a node of a Cluster in which no primary has some of the slots, so keys of them cannot be asked for. %s. Mend the Cluster first"
                            .formatted(address.address(), UNTOUCHED));
        }
    }

    private LiveNode node(RestoreTarget address, long dumpBytesMax) {
        TargetRedis redis = TargetRedis.open(address, Verification.ANSWER_LIMIT);
        try {
            LiveNode node = new LiveNode(redis, dumpBytesMax);
            nodes.add(node);
            return node;
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    List<LiveNode> nodes() {
        return List.copyOf(nodes);
    }

    /** Who has the key. */
    LiveNode of(Bytes key) {
        return bySlot[HashSlot.of(key)];
    }

    /** Whether every server tells to the millisecond when a key expires. */
    boolean tellsExpiry() {
        return nodes.stream().allMatch(LiveNode::tellsExpiry);
    }

    @Override
    public void close() {
        nodes.forEach(LiveNode::close);
    }
}
