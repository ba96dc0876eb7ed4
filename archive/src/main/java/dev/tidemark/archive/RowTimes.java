package dev.tidemark.archive;

import java.util.OptionalLong;

/**
 * When a row was read from Redis and, for a change, up to when its key was known to be untouched: all that exactness
 * needs, and a small part of the file.
 */
public record RowTimes(long offset, long timeMicros, OptionalLong touchedAfterMicros) {}
