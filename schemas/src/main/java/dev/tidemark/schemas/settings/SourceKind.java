package dev.tidemark.schemas.settings;

/** How a source tells that a key may have changed. */
public enum SourceKind {
    /** Redis tells: tracking and keyspace notifications. */
    KEYS,
    /** The writers tell, in Redis Streams of their own. */
    JOURNAL
}
