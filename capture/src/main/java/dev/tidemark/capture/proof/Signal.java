package dev.tidemark.capture.proof;

/** The ways in which Redis tells us that a key may have changed, each on a connection of its own. */
public enum Signal {
    /** Broadcast invalidations: every change of data, coalesced, without a database or a cause. */
    TRACKING,
    /** Keyspace notifications: database and event as well. */
    NOTIFICATIONS
}
