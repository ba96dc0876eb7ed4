package dev.tidemark.capture.proof;

import java.util.Set;

/** The ways in which Redis tells us that a key may have changed, each on a connection of its own. */
public enum Signal {
    /** Broadcast invalidations: every change of data, coalesced, without a database or a cause. */
    TRACKING,
    /** Keyspace notifications: database and event as well. */
    NOTIFICATIONS,
    /** Entries of streams, by the writers themselves: nothing but what they name, and kept until it is acknowledged. */
    JOURNAL;

    /** Of a source that Redis itself tells of. */
    public static final Set<Signal> OF_KEYS = Set.of(TRACKING, NOTIFICATIONS);

    /** Of a source that its writers tell of. */
    public static final Set<Signal> OF_JOURNAL = Set.of(JOURNAL);

    /** Whether the canary of a barrier comes through it. Streams are read up to their ends instead. */
    boolean carriesCanary() {
        return this != JOURNAL;
    }
}
