package dev.tidemark.capture;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** What one node of a Cluster answers to CLUSTER NODES. */
record ClusterNodes(List<Line> lines) {
    ClusterNodes {
        lines = List.copyOf(lines);
    }

    /**
     * A node as another one sees it: {@code <id> <ip:port@bus[,host[,...]]> <flags> ... <config epoch> <link> <slots>...}.
     *
     * @param name that it announces, if any
     */
    record Line(
            String id,
            NodeAddress address,
            Optional<String> name,
            boolean myself,
            boolean primary,
            boolean failed,
            boolean suspected,
            long epoch,
            List<String> slots) {
        Line {
            slots = List.copyOf(slots);
        }

        private Line byName() {
            NodeAddress named =
                    name.map(host -> new NodeAddress(host, address.port())).orElse(address);
            return new Line(id, named, name, myself, primary, failed, suspected, epoch, slots);
        }

        BitSet slotSet() {
            BitSet set = new BitSet();
            for (String range : slots) {
                // [slot->-node] and [slot-<-node]: on its way, told apart from what the node has.
                if (!range.startsWith("[")) {
                    int dash = range.indexOf('-');
                    int from = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
                    int to = dash < 0 ? from : Integer.parseInt(range.substring(dash + 1));
                    set.set(from, to + 1);
                }
            }
            return set;
        }

        boolean hasSlots() {
            return primary && !slots.isEmpty();
        }

        boolean up() {
            return !failed && !suspected;
        }

        private static Optional<Line> parse(String text, NodeAddress asked) {
            String[] words = text.strip().split(" ", -1);
            if (words.length < 8) {
                return Optional.empty();
            }
            String[] place = words[1].split(",", -1);
            String where = place[0].split("@", -1)[0];
            List<String> flags = List.of(words[2].split(",", -1));
            boolean myself = flags.contains("myself");
            if (where.startsWith(":") && !myself) {
                return Optional.empty();
            }
            return Optional.of(new Line(
                    words[0],
                    // A node that was never met by another does not know its own address.
                    where.startsWith(":") ? asked : NodeAddress.parse(where),
                    place.length > 1 && !place[1].isEmpty() ? Optional.of(place[1]) : Optional.empty(),
                    myself,
                    flags.contains("master"),
                    flags.contains("fail") || flags.contains("noaddr") || flags.contains("handshake"),
                    flags.contains("fail?"),
                    Long.parseLong(words[6]),
                    List.of(words).subList(8, words.length)));
        }
    }

    /** @param asked the node that answered */
    static ClusterNodes parse(String answer, NodeAddress asked) {
        List<Line> lines = new ArrayList<>();
        answer.lines().forEach(text -> Line.parse(text, asked).ifPresent(lines::add));
        return new ClusterNodes(lines);
    }

    /** With the names that nodes announce as their addresses: certificates are of names. */
    ClusterNodes byName() {
        return new ClusterNodes(lines.stream().map(Line::byName).toList());
    }

    /**
     * Whether the node reaches most primaries. One that does not is cut off: another may have its slots by now, and nobody
     * has told it.
     */
    boolean seesMost() {
        long reached =
                lines.stream().filter(line -> line.hasSlots() && line.up()).count();
        return voters() == 0 || 2 * reached > voters();
    }

    /** How many primaries have a vote when a replica wants to take over: those that have slots, whether they are up or not. */
    long voters() {
        return lines.stream().filter(Line::hasSlots).count();
    }

    /** What the node says of itself. */
    Optional<Line> self() {
        return lines.stream().filter(Line::myself).findFirst();
    }

    /** What the node says of its own slots: if this changes, slots moved. Empty if it does not know itself. */
    String ownSlots() {
        return self().map(line -> line.epoch() + " " + String.join(" ", line.slots()))
                .orElse("");
    }
}
