package dev.tidemark.oracle.judge;

/** How a restored key can be wrong. */
public enum Fault {
    /** Not there, and at no instant of the window was it absent. */
    MISSING,
    /** There, and at every instant of the window it was absent. */
    EXTRA,
    /** A state it had, but not in the window. */
    STALE,
    /** A type or bytes it never had. */
    WRONG_BYTES,
    /** The right bytes with another expiry. */
    WRONG_TTL
}
