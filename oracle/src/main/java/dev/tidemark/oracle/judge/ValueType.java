package dev.tidemark.oracle.judge;

import java.util.Locale;

/** What a key holds, as TYPE names it. */
public enum ValueType {
    ABSENT,
    STRING,
    HASH,
    LIST,
    SET,
    ZSET,
    STREAM,
    VECTOR_SET,
    /** A type the oracle has no logical reading for; compared by its DUMP. */
    OTHER,
    /** The key was written and nobody can say any more with what. */
    UNKNOWN;

    /** From the reply of TYPE. */
    public static ValueType named(String reply) {
        return switch (reply) {
            case "none" -> ABSENT;
            case "string" -> STRING;
            case "hash" -> HASH;
            case "list" -> LIST;
            case "set" -> SET;
            case "zset" -> ZSET;
            case "stream" -> STREAM;
            case "vectorset" -> VECTOR_SET;
            default -> OTHER;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
