package dev.tidemark.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What one node of a Redis Cluster believes of all: its answer to CLUSTER NODES. */
record ClusterView(List<Member> members) {
    private static final int FIXED_FIELDS = 8;

    ClusterView {
        members = List.copyOf(members);
    }

    /**
     * One line of the answer.
     *
     * @param primaryId whom a replica follows, {@code -} for a primary
     */
    record Member(String id, int port, Set<String> flags, String primaryId, boolean linked, List<SlotRange> slots) {
        Member {
            flags = Set.copyOf(flags);
            slots = List.copyOf(slots);
        }

        boolean isPrimary() {
            return flags.contains("master");
        }

        boolean isMyself() {
            return flags.contains("myself");
        }

        /** Known in full and not given up; {@code fail?} is one node's suspicion only. */
        boolean isMember() {
            return !flags.contains("fail") && !flags.contains("handshake") && !flags.contains("noaddr");
        }
    }

    static ClusterView parse(String nodes) {
        return new ClusterView(nodes.lines()
                .filter(line -> !line.isBlank())
                .map(ClusterView::member)
                .toList());
    }

    Optional<Member> ownerOf(int slot) {
        return members.stream()
                .filter(member -> member.slots().stream().anyMatch(range -> range.contains(slot)))
                .findFirst();
    }

    Member myself() {
        return members.stream()
                .filter(Member::isMyself)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a node that does not list itself"));
    }

    /** What two nodes that agree have in common: who is there, who follows whom, whose the slots are. */
    Map<String, String> agreed() {
        Map<String, String> byId = new TreeMap<>();
        members.stream()
                .filter(Member::isMember)
                .forEach(member -> byId.put(
                        member.id(), member.isPrimary() ? member.slots().toString() : "follows " + member.primaryId()));
        return byId;
    }

    boolean isLinked() {
        return members.stream().filter(Member::isMember).allMatch(member -> member.isMyself() || member.linked());
    }

    private static Member member(String line) {
        String[] fields = line.split(" ", -1);
        String address = fields[1].split("@", -1)[0];
        List<SlotRange> slots = new ArrayList<>();
        for (int field = FIXED_FIELDS; field < fields.length; field++) {
            // In brackets stands a slot under way; it belongs to the node that has it without them.
            if (!fields[field].isEmpty() && !fields[field].startsWith("[")) {
                slots.add(SlotRange.parse(fields[field]));
            }
        }
        return new Member(
                fields[0],
                Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)),
                Set.of(fields[2].split(",", -1)),
                fields[3],
                fields[7].equals("connected"),
                slots);
    }
}
