package dev.tidemark.restorer.look;

import dev.tidemark.archive.KeyRow;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * One state in the life of a key.
 *
 * @param atMicros when it was seen, by Redis's clock
 * @param type "none" where it was not there
 * @param event the last that was seen, or empty: a hint for people
 */
public record KeyEntry(Kind kind, long atMicros, String type, OptionalLong expireAtMillis, String event) {
    public KeyEntry {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(expireAtMillis, "expireAtMillis");
        Objects.requireNonNull(event, "event");
    }

    /** What became of the key. */
    public enum Kind {
        /** It has a value. */
        WRITTEN,
        /** It is not there. */
        GONE,
        /** Its time had come, by the expiry that it had. */
        EXPIRED,
        /** Every key was read again after a gap, and it was not among them. Nobody saw when it went. */
        NOT_FOUND_AGAIN
    }

    static KeyEntry of(KeyRow row) {
        return new KeyEntry(
                row.isPresent() ? Kind.WRITTEN : Kind.GONE,
                row.timeMicros(),
                row.type(),
                row.expireAtMillis(),
                row.event());
    }
}
