package dev.tidemark.restorer.look;

/** How a key differs between two times. */
public enum KeyChange {
    /** It is there later and was not before. */
    ADDED,
    REMOVED,
    /** Another value, or another type. */
    CHANGED,
    /** The same value with another expiry. */
    TTL_CHANGED,
    /** Written in between, with the same value and expiry in the end. */
    REWRITTEN
}
