package dev.tidemark.restorer;

import java.util.Objects;

/**
 * What became of the tail of the log.
 *
 * @param reason why it is not used; empty if it is
 */
public record TailUse(State state, String reason) {
    public TailUse {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
    }

    public enum State {
        /** Kafka answered and holds the log that the archive was made from. */
        USED,
        /** Nobody asked for it. */
        LEFT_OUT,
        /** It was asked for and cannot be had: what is said ends at S3. */
        UNUSABLE
    }

    static TailUse used() {
        return new TailUse(State.USED, "");
    }

    static TailUse leftOut() {
        return new TailUse(State.LEFT_OUT, "it was not asked for");
    }

    static TailUse unusable(String reason) {
        return new TailUse(State.UNUSABLE, reason);
    }
}
