package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.util.function.Predicate;

/**
 * A server that holds keys of ours, and our connection to it.
 *
 * @param node the id of a Cluster's node; nothing for a server that is no such node
 * @param owns which keys it answers for
 */
record Station(RedisConnection connection, ServerFacts server, String node, Predicate<Key> owns)
        implements AutoCloseable {

    Home home() {
        return new Home(node, server.runId());
    }

    @Override
    public void close() {
        connection.close();
    }

    /** Where a scribe's keys are: on which node, and in which of its processes. */
    record Home(String node, String runId) {}
}
