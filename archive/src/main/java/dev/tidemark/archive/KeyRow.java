package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A change without its value.
 *
 * @param touchedAfterMicros the key did not change between its row before this one and here, up to this time
 * @param isPresent whether the key was there
 * @param type as Redis names it, "none" for a key that was not there
 * @param event the last that was seen, or empty: a hint for people
 */
public record KeyRow(
        long offset,
        int db,
        Bytes key,
        long timeMicros,
        long touchedAfterMicros,
        boolean isPresent,
        String type,
        OptionalLong expireAtMillis,
        String event) {
    public KeyRow {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(expireAtMillis, "expireAtMillis");
        Objects.requireNonNull(event, "event");
    }

    /** Of a change as it stands in the log. */
    public static KeyRow of(long offset, Change change) {
        return new KeyRow(
                offset,
                change.db(),
                change.key(),
                change.timeMicros(),
                change.touchedAfterMicros(),
                !(change.value() instanceof Value.Absent),
                change.value().type(),
                change.expireAtMillis(),
                change.event());
    }
}
