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
    static final String UNTOUCHED = "Nothing is ever written to it by this command";

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
        if (!SlotOwners.isCluster(entry, UNTOUCHED)) {
            LiveNode only = node(address, dumpBytesMax);
            Arrays.fill(bySlot, only);
            return;
        }
        SlotOwners owners = SlotOwners.ask(entry, address, UNTOUCHED);
        Map<RestoreTarget, LiveNode> primaries = new LinkedHashMap<>();
        for (int slot = 0; slot < HashSlot.COUNT; slot++) {
            bySlot[slot] = primaries.computeIfAbsent(owners.of(slot), each -> node(each, dumpBytesMax));
        }
    }

    private LiveNode node(RestoreTarget address, long dumpBytesMax) {
        TargetRedis redis = TargetRedis.open(address, Verification.ANSWER_LIMIT, UNTOUCHED);
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
