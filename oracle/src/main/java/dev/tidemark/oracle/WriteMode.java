package dev.tidemark.oracle;

/** How the oracle writes. */
public enum WriteMode {
    /** Every kind of operation, each one's result observed in the MULTI that performs it. */
    OBSERVED,
    /** For load: whole values set, hashed and deleted by bare pipelined commands. */
    PLAIN
}
