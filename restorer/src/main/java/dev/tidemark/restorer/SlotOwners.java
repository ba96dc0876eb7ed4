package dev.tidemark.restorer;

import dev.tidemark.schemas.HashSlot;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which primary of a Cluster has which slots, as one of its nodes tells it. */
final class SlotOwners {
    private final RestoreTarget[] bySlot = new RestoreTarget[HashSlot.COUNT];

    private SlotOwners() {}

    static boolean isCluster(TargetRedis redis, String consequence) {
        return redis.info("cluster", consequence)
                .getOrDefault("cluster_enabled", "0")
                .equals("1");
    }

    /**
     * Asks.
     *
     * @param address of the node that is asked
     * @param consequence what has been done so far, for messages
     */
    static SlotOwners ask(TargetRedis node, RestoreTarget address, String consequence) {
        SlotOwners owners = new SlotOwners();
        for (Object range : node.ask(redis -> redis.clusterSlots(), consequence)) {
            List<?> slots = (List<?>) range;
            List<?> primary = (List<?>) slots.get(2);
            // A node that does not know its own name is the one that answers.
            String host =
                    primary.get(0) instanceof byte[] name && name.length > 0 ? TargetRedis.ascii(name) : address.host();
            RestoreTarget there = address.elsewhere(host, Math.toIntExact((Long) primary.get(1)));
            int first = Math.toIntExact((Long) slots.get(0));
            Arrays.fill(owners.bySlot, first, Math.toIntExact((Long) slots.get(1)) + 1, there);
        }
        if (Arrays.asList(owners.bySlot).contains(null)) {
            throw TargetRedis.refused(
                    "%s is a node of a Cluster in which no primary has some of the slots, so keys of them have no place. %s. Mend the Cluster first"
                            .formatted(address.address(), consequence));
        }
        return owners;
    }

    RestoreTarget of(int slot) {
        return bySlot[slot];
    }

    Set<RestoreTarget> primaries() {
        return new LinkedHashSet<>(Arrays.asList(bySlot));
    }
}
