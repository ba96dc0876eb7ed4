package dev.tidemark.standalone.endtoend;

import dev.tidemark.oracle.OracleOptions;

/**
 * How fast oracles write here. One write in a thousand is of a megabyte or more, and every restore reads all of those again, so
 * an oracle without a limit keeps two cores from everything else; {@code tidemark bench soak} is where it writes fast.
 */
final class Pace {
    private static final int OPS_PER_SECOND_MAX = 150;
    /** Over all four threads, each key is written again within seconds. */
    private static final int KEYS_PER_THREAD = 300;

    private Pace() {}

    static OracleOptions seeded(long seed) {
        return OracleOptions.seeded(seed).withKeysPerThread(KEYS_PER_THREAD).withOpsPerSecondMax(OPS_PER_SECOND_MAX);
    }
}
