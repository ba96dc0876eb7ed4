package dev.tidemark.schemas.layout;

import java.util.Objects;
import java.util.Optional;

/**
 * Where a shard stands: a hint for where to look, and the latest claim, which counts only if the chain of segments
 * reaches its offset.
 *
 * @param frontier the end of the last segment that was known
 * @param hour of that segment, if there is one: no later segment lies in an earlier hour
 */
public record Progress(int shard, int generation, long frontier, Optional<Hour> hour, Optional<ClaimInterval> claim) {
    public Progress {
        Objects.requireNonNull(hour, "hour");
        Objects.requireNonNull(claim, "claim");
    }
}
