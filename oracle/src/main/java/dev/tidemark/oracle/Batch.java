package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Operation;
import java.io.IOException;
import java.util.Map;

/** Operations sent together, no two of which touch the same key. */
interface Batch {
    int ops();

    /** The keys whose outcome is not known yet, and what may be happening to them. */
    Map<OwnKey, Operation> open();

    void send(RedisConnection connection) throws IOException;

    /** Waits for every answer and logs it, so that {@link #open} shrinks as it goes. */
    void settle(RedisConnection connection, Chronicle chronicle) throws IOException;

    /** The keys may be picked again. */
    void release();
}
