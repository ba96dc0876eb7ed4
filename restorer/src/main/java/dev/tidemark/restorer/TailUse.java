package dev.tidemark.restorer;

import dev.tidemark.schemas.kafka.LogPosition;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of the tail of the log.
 *
 * @param reason why it is not used; empty if it is
 * @param topics whose offsets were meant, if it is used
 * @param follows where the archive of each shard that has one ends, which the log must go on from
 */
public record TailUse(State state, String reason, Optional<TopicIds> topics, Map<Integer, LogPosition> follows) {
    public TailUse {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(topics, "topics");
        follows = Map.copyOf(follows);
    }

    public enum State {
        /** Kafka answered and holds the log that the archive was made from. */
        USED,
        /** Nobody asked for it. */
        LEFT_OUT,
        /** It was asked for and cannot be had: what is said ends at S3. */
        UNUSABLE
    }

    static TailUse used(TopicIds topics, Map<Integer, LogPosition> follows) {
        return new TailUse(State.USED, "", Optional.of(topics), follows);
    }

    static TailUse leftOut() {
        return new TailUse(State.LEFT_OUT, "it was not asked for", Optional.empty(), Map.of());
    }

    static TailUse unusable(String reason) {
        return new TailUse(State.UNUSABLE, reason, Optional.empty(), Map.of());
    }
}
