package dev.tidemark.oracle;

import java.io.IOException;

/** Makes up what to write next. */
interface Composer {
    Batch compose(RedisConnection connection, ServerFacts server, long nowMillis, int opsMax) throws IOException;

    OwnKeys keys();
}
