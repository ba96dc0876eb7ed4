package dev.tidemark.compactor;

import java.util.Objects;

/**
 * How a shard that this process works on is doing.
 *
 * @param frontier where its next segment starts; 0 before that is known
 * @param archivedMicros S3 alone can restore the shard through this time; 0 before that is known
 * @param reason what is wrong, or empty
 */
public record ShardStatus(int shard, State state, long frontier, long archivedMicros, String reason) {
    /** The life of a shard's compaction. */
    public enum State {
        /** Claimed rows reach the archive. */
        FOLLOWING,
        /** Something does not answer; it is tried again. */
        RETRYING,
        /**
         * The log or the archive is not what it must be: nothing more is written. A person should look; it is looked at
         * anew now and then all the same, since some damage passes.
         */
        STOPPED
    }

    public ShardStatus {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
    }
}
