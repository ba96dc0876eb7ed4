package dev.tidemark.restorer.verify;

/** How a key of a live Redis can differ from the archive. */
public enum Difference {
    /** The archive has it. */
    MISSING,
    /** The archive does not have it. */
    EXTRA,
    /** Another value, or another type. */
    DIFFERENT,
    /** The same value with another expiry. */
    TTL_DIFFERENT
}
