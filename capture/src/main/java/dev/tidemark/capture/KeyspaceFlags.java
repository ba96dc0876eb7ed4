package dev.tidemark.capture;

/**
 * What Redis has to be told in {@code notify-keyspace-events}: which events to send, and on which channels.
 *
 * <p>Tracking tells of every change of data. Notifications add what it does not: why a key is gone (deleted, renamed, expired,
 * evicted) and what happens to the groups of streams. Nothing else is asked for, since each event costs the writer as much as
 * its invalidation does, whether anybody listens or not. Where more is switched on, more is heard.
 */
final class KeyspaceFlags {
    /** Keyspace channels; generic commands, expiry, eviction, streams. */
    static final String NEEDED = "Kgxet";

    private static final char CHANNELS = 'K';
    private static final String EVERY_EVENT = "A";

    private KeyspaceFlags() {}

    static boolean suffice(String set) {
        return missing(set).isEmpty();
    }

    /** What is set, and what we need. */
    static String with(String set) {
        return set + missing(set);
    }

    private static String missing(String set) {
        StringBuilder missing = new StringBuilder();
        for (int i = 0; i < NEEDED.length(); i++) {
            char flag = NEEDED.charAt(i);
            boolean implied = flag != CHANNELS && set.contains(EVERY_EVENT);
            if (!implied && set.indexOf(flag) < 0) {
                missing.append(flag);
            }
        }
        return missing.toString();
    }
}
