package dev.tidemark.servers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A hash slot on its way between two primaries of a {@link RedisCluster}, as redis-cli moves one. Until it is finished
 * the slot is migrating: its old owner answers for the keys that are still there and sends clients to ASK for others.
 */
public final class SlotMove {
    private static final int KEYS_AT_ONCE_MAX = 10;
    private static final int MIGRATE_MILLIS_MAX = 10_000;

    private final RedisCluster cluster;
    private final int slot;
    private final RedisServer from;
    private final RedisServer to;

    SlotMove(RedisCluster cluster, int slot, RedisServer from, RedisServer to) {
        this.cluster = cluster;
        this.slot = slot;
        this.from = from;
        this.to = to;
    }

    /** The importing side first: clients may be sent there as soon as the other one is migrating. */
    SlotMove begin() {
        to.call("CLUSTER", "SETSLOT", Integer.toString(slot), "IMPORTING", cluster.id(from));
        from.call("CLUSTER", "SETSLOT", Integer.toString(slot), "MIGRATING", cluster.id(to));
        return this;
    }

    public RedisServer from() {
        return from;
    }

    public RedisServer to() {
        return to;
    }

    /** Moves some keys and leaves the slot migrating; returns how many it moved. */
    public int migrate(int keysMax) {
        int moved = 0;
        try (RedisControl control = from.control()) {
            while (moved < keysMax) {
                int wanted = Math.min(KEYS_AT_ONCE_MAX, keysMax - moved);
                List<byte[]> keys =
                        control.list("CLUSTER", "GETKEYSINSLOT", Integer.toString(slot), Integer.toString(wanted));
                if (keys.isEmpty()) {
                    return moved;
                }
                control.call(migrateCommand(keys));
                moved += keys.size();
            }
            return moved;
        } catch (IOException e) {
            throw new ServerFailure(
                    "slot %d could not be moved from port %d to port %d; %d keys were, and the slot is migrating"
                            .formatted(slot, from.port(), to.port(), moved),
                    e);
        }
    }

    /** Moves the keys that are left and tells every primary the new owner, who must know first. */
    public void finish() {
        migrate(Integer.MAX_VALUE);
        cluster.giveSlot(slot, from, to);
    }

    private List<byte[]> migrateCommand(List<byte[]> keys) {
        List<byte[]> command = new ArrayList<>(RedisControl.bytes(
                "MIGRATE", "127.0.0.1", Integer.toString(to.port()), "", "0", Integer.toString(MIGRATE_MILLIS_MAX)));
        command.addAll(to.password()
                .map(password -> RedisControl.bytes("AUTH", password))
                .orElse(List.of()));
        command.addAll(RedisControl.bytes("KEYS"));
        command.addAll(keys);
        return command;
    }
}
