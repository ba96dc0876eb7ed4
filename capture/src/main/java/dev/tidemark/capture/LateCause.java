package dev.tidemark.capture;

/** Why claims wait though nothing is in doubt, in as many words as a metric can bear. */
enum LateCause {
    /** Redis cannot be reached or does not answer. */
    REDIS_SILENT,
    /** Sentinels, or the other nodes of the Cluster, do not confirm a primary: it may have been replaced without knowing it. */
    PRIMARY_UNSURE,
    /** One watcher is gone and another one covers. */
    WATCHER_LOST,
    /** An entry of the journal was set aside, or the journal could not be acknowledged or trimmed. */
    JOURNAL_REFUSED,
    /** Redis answers a barrier with an error. */
    BARRIER_REFUSED,
    /** Redis's clock is too far ahead to be believed. */
    CLOCK_AHEAD,
    /** It was set back, and has not passed the last claim yet. */
    CLOCK_BACK,
    /** Kafka does not take records. */
    LOG_SILENT,
    /** A record of the log cannot be read, or a claim on a shard failed. */
    LOG_REFUSED,
    /** A key cannot be read. */
    KEY_UNREADABLE
}
