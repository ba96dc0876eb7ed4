package dev.tidemark.compactor;

import java.util.Objects;

/**
 * How a shard that this process works on is doing.
 *
 * @param frontier where its next segment starts; 0 before that is known
 * @param reason what is wrong, or empty
 */
public record ShardStatus(int shard, State state, long frontier, String reason) {
    /** The life of a shard's compaction. */
    public enum State {
        /** Claimed rows reach the archive. */
        FOLLOWING,
        /** Something does not answer; it is tried again. */
        RETRYING,
        /** The log or the archive is not what it must be: nothing more is written until a person has looked. */
        STOPPED
    }

    public ShardStatus {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
    }
}
