package dev.tidemark.restorer;

import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of the tail of the log.
 *
 * @param reason why it is not used; empty if it is
 * @param topics whose offsets were meant, if it is used
 */
public record TailUse(State state, String reason, Optional<TopicIds> topics) {
    public TailUse {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(topics, "topics");
    }

    public enum State {
        /** Kafka answered and holds the log that the archive was made from. */
        USED,
        /** Nobody asked for it. */
        LEFT_OUT,
        /** It was asked for and cannot be had: what is said ends at S3. */
        UNUSABLE
    }

    static TailUse used(TopicIds topics) {
        return new TailUse(State.USED, "", Optional.of(topics));
    }

    static TailUse leftOut() {
        return new TailUse(State.LEFT_OUT, "it was not asked for", Optional.empty());
    }

    static TailUse unusable(String reason) {
        return new TailUse(State.UNUSABLE, reason, Optional.empty());
    }
}
