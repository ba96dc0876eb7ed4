package dev.tidemark.restorer.plan;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * Offsets of a shard that ought to be in the archive and are not there, or are there twice.
 *
 * @param afterMicros what is before the hole is known through this time, if anything is before it
 * @param beforeMicros what is lost is not later than this, if that is known
 * @param bridged whether Kafka still holds these offsets
 */
public record Hole(
        int shard,
        long from,
        long to,
        Kind kind,
        OptionalLong afterMicros,
        OptionalLong beforeMicros,
        boolean bridged) {
    public Hole {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(afterMicros, "afterMicros");
        Objects.requireNonNull(beforeMicros, "beforeMicros");
    }

    /** How it came to notice. */
    public enum Kind {
        /** A claim follows from a resync that begins below the first segment. */
        BEFORE_FIRST_SEGMENT,
        /** A segment ends below the start of the next one. */
        BETWEEN_SEGMENTS,
        /** Progress or a claim speaks of more than the segments hold. */
        AFTER_LAST_SEGMENT,
        /** Two segments hold the same offsets, and one of them must be wrong. */
        OVERLAP,
        /** Kafka deleted what had not been written to S3. */
        BEFORE_LOG,
        /** Kafka lost the end of the log, which its tidemarks speak of. */
        AFTER_LOG
    }

    /** Whether rows of this time may be lost. */
    boolean mayHold(long micros) {
        return afterMicros.isPresent()
                && beforeMicros.isPresent()
                && micros > afterMicros.getAsLong()
                && micros <= beforeMicros.getAsLong();
    }
}
