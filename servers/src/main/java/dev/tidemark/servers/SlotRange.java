package dev.tidemark.servers;

/** Hash slots of a Redis Cluster, both ends included. */
public record SlotRange(int first, int last) {
    public static final int SLOTS = 16_384;

    public SlotRange {
        if (first < 0 || last >= SLOTS || first > last) {
            throw new IllegalArgumentException("no range of hash slots: %d-%d".formatted(first, last));
        }
    }

    public boolean contains(int slot) {
        return first <= slot && slot <= last;
    }

    /** As CLUSTER NODES writes it: {@code 0-5460}, or one slot alone. */
    static SlotRange parse(String text) {
        String[] ends = text.split("-", -1);
        return new SlotRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }

    /** Range number {@code part} of {@code parts} that are as equal as can be. */
    static SlotRange part(int part, int parts) {
        return new SlotRange(SLOTS * part / parts, SLOTS * (part + 1) / parts - 1);
    }
}
