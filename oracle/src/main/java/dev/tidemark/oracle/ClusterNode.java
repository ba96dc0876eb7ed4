package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** One line of CLUSTER NODES. */
record ClusterNode(String id, String host, int port, Set<String> flags, BitSet slots) {
    private static final int FIXED_FIELDS = 8;

    /** What this server knows of its cluster. */
    static List<ClusterNode> all(RedisConnection connection) throws IOException {
        String text = connection.call(Command.of("CLUSTER", "NODES")).text();
        List<ClusterNode> nodes = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isBlank()) {
                nodes.add(parse(line));
            }
        }
        return nodes;
    }

    boolean isPrimary() {
        return flags.contains("master") && !flags.contains("fail");
    }

    boolean isMyself() {
        return flags.contains("myself");
    }

    boolean owns(Key key) {
        return slots.get(HashSlot.of(key));
    }

    private static ClusterNode parse(String line) {
        String[] fields = line.strip().split(" ", -1);
        String address = fields[1].split("@", -1)[0];
        int colon = address.lastIndexOf(':');
        BitSet slots = new BitSet(HashSlot.COUNT);
        for (int i = FIXED_FIELDS; i < fields.length; i++) {
            // In brackets: on its way, and still its owner's.
            if (!fields[i].startsWith("[")) {
                String[] ends = fields[i].split("-", -1);
                slots.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        }
        return new ClusterNode(
                fields[0],
                address.substring(0, colon),
                Integer.parseInt(address.substring(colon + 1)),
                Set.of(fields[2].split(",", -1)),
                slots);
    }
}
