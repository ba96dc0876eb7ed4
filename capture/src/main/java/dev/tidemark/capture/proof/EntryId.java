package dev.tidemark.capture.proof;

/** Where an entry stands in a stream: ids only ever grow. */
public record EntryId(long millis, long sequence) implements Comparable<EntryId> {
    /** Before every entry. */
    public static final EntryId NONE = new EntryId(0, 0);

    /** As Redis writes it: {@code 1700000000000-3}. */
    public static EntryId parse(String text) {
        int dash = text.indexOf('-');
        return new EntryId(
                Long.parseUnsignedLong(text.substring(0, dash)), Long.parseUnsignedLong(text.substring(dash + 1)));
    }

    @Override
    public int compareTo(EntryId other) {
        int byMillis = Long.compareUnsigned(millis, other.millis);
        return byMillis != 0 ? byMillis : Long.compareUnsigned(sequence, other.sequence);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(millis) + "-" + Long.toUnsignedString(sequence);
    }
}
