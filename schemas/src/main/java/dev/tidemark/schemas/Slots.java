package dev.tidemark.schemas;

import java.util.BitSet;
import java.util.StringJoiner;

/** Hash slots, written as {@code 0-5460,10923}. */
public final class Slots {
    private final BitSet slots;

    private Slots(BitSet slots) {
        this.slots = slots;
    }

    public static Slots all() {
        BitSet slots = new BitSet();
        slots.set(0, HashSlot.COUNT);
        return new Slots(slots);
    }

    public static Slots of(BitSet slots) {
        if (slots.length() > HashSlot.COUNT) {
            throw new IllegalArgumentException("there is no slot " + (slots.length() - 1));
        }
        return new Slots((BitSet) slots.clone());
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Slots parse(String text) {
        BitSet slots = new BitSet();
        for (String range : text.split(",", -1)) {
            if (!range.matches("\\d{1,5}(-\\d{1,5})?")) {
                throw new IllegalArgumentException("these are no slots: '" + text + "'");
            }
            String[] ends = range.split("-", -1);
            slots.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
        }
        return of(slots);
    }

    public boolean contains(int slot) {
        return slots.get(slot);
    }

    public int count() {
        return slots.cardinality();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Slots that && slots.equals(that.slots);
    }

    @Override
    public int hashCode() {
        return slots.hashCode();
    }

    @Override
    public String toString() {
        StringJoiner ranges = new StringJoiner(",");
        for (int first = slots.nextSetBit(0); first >= 0; ) {
            int end = slots.nextClearBit(first);
            ranges.add(end == first + 1 ? Integer.toString(first) : first + "-" + (end - 1));
            first = slots.nextSetBit(end);
        }
        return ranges.toString();
    }
}
