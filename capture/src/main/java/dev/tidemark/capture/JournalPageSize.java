package dev.tidemark.capture;

/**
 * How many entries of a journal are asked for at once. An entry carries whatever else its writer likes, and how large it is
 * shows only when it has come: so a first page is short, and a next one is at most twice as long as what came, and as
 * long as would have been few enough bytes.
 */
final class JournalPageSize {
    /** Two, or a page whose first entry is the one that was read last would bring nothing new. */
    private static final int ENTRIES_MIN = 2;

    private static final int ENTRIES_FIRST = 32;
    private static final int ENTRIES_MAX = 1_000;
    private static final long PAGE_BYTES = 4 << 20;

    private int entries = ENTRIES_FIRST;

    int entries() {
        return entries;
    }

    /** A page came, of so many entries. */
    void brought(int count, long bytes) {
        long wanted = Math.max(ENTRIES_FIRST, 2L * count);
        long few = bytes == 0 ? wanted : PAGE_BYTES * count / bytes;
        entries = (int) Math.max(ENTRIES_MIN, Math.min(Math.min(wanted, few), ENTRIES_MAX));
    }
}
