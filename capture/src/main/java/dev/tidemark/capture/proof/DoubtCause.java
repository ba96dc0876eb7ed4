package dev.tidemark.capture.proof;

/** Why nothing can be claimed, in as many words as a metric can bear; the reason in full stands in the log. */
public enum DoubtCause {
    /** This capture took the shard, and no watcher covers what came before. */
    TAKEOVER,
    /** A signal connection broke, or was silent for too long, and no other watcher covers. */
    COVERAGE_LOST,
    /** FLUSHALL, FLUSHDB, SWAPDB or another that replaces data without naming a key. */
    DATASET_REPLACED,
    /** Another run id, replication id or role: a restart or a failover. */
    SERVER_CHANGED,
    /** Slots moved, a node came or went. */
    TOPOLOGY_CHANGED,
    /** The canary does not say what we last wrote into it. */
    CANARY_FOREIGN,
    /** Keys may have changed of which no entry of the journal tells: evicted, or written by somebody else. */
    JOURNAL_BYPASSED,
    /** More open keys than the bound allows. */
    OPEN_KEYS_OVERFLOW;

    /** Whether it concerns every watch of the node, and not only the one that found it. */
    public boolean isOfNode() {
        return this == DATASET_REPLACED
                || this == SERVER_CHANGED
                || this == TOPOLOGY_CHANGED
                || this == JOURNAL_BYPASSED;
    }
}
