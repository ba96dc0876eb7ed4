package dev.tidemark.bench;

/** Which way a ratio improves. */
public enum Better {
    /** Of speeds. */
    HIGHER,
    /** Of times. */
    LOWER
}
