package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import java.util.Objects;
import java.util.OptionalLong;

/** A record of the {@code changes} topic and, if it counts, a row of a segment. Times are Redis's, in microseconds. */
public sealed interface LogRow {

    /** The epoch of the owner that wrote it. */
    long epoch();

    /** Per shard it never goes back among the rows that count. */
    long timeMicros();

    /** Everything after this, until a higher epoch is claimed, is from the owner of this epoch. */
    record EpochClaimed(long epoch, long timeMicros) implements LogRow {}

    /** From here on every key of the shard is read again. */
    record ResyncBegun(long epoch, long timeMicros, String reason) implements LogRow {
        public ResyncBegun {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Every key of the shard has been read since the resync began: what was not logged since then is absent. */
    record ResyncEnded(long epoch, long timeMicros, long beginOffset) implements LogRow {}

    /**
     * The state of one key at one instant.
     *
     * @param touchedAfterMicros the key did not change between its row before this one and here, up to this time
     * @param expireAtMillis when the key expires, if it does
     * @param event the last event that was seen for the key, or empty: a hint for people, never a fact
     */
    record Change(
            long epoch,
            long timeMicros,
            long touchedAfterMicros,
            int db,
            Bytes key,
            Value value,
            OptionalLong expireAtMillis,
            String event)
            implements LogRow {
        public Change {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
            Objects.requireNonNull(expireAtMillis, "expireAtMillis");
            Objects.requireNonNull(event, "event");
        }
    }

    /**
     * What the server holds beside its keys, at one instant. It stands in the log when it has changed, once in every
     * resync, and of indexes once in every hour; the latest of a kind is in force.
     *
     * @param kind {@link #FUNCTIONS}, or {@link #INDEX} and the index's name. {@link #INDEX} without a name is of all indexes
     *     that earlier epochs have logged: this one has logged those that there are, and all others are gone
     * @param digest of the payload, by which a writer knows whether it has changed
     * @param payload what FUNCTION DUMP gave, or how the index was created; empty when there is none any more
     */
    record Definitions(long epoch, long timeMicros, String kind, Bytes digest, Bytes payload) implements LogRow {
        public static final String FUNCTIONS = "functions";
        public static final String INDEX = "index:";

        /** In whose log they stand. */
        public static final int SHARD = 0;

        public Definitions {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(digest, "digest");
            Objects.requireNonNull(payload, "payload");
        }
    }
}
