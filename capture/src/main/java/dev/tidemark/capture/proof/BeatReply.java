package dev.tidemark.capture.proof;

import dev.tidemark.schemas.Bytes;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a node answered to one beat: its clock, the canary as it was just before this beat wrote it, and the counters by
 * which a replaced data set shows.
 *
 * @param readBack empty if there was no canary
 * @param replacements how often the data set was flushed or swapped since the server started
 * @param slots what the node says of its own hash slots; empty where there is no Cluster
 */
public record BeatReply(
        long timeMicros,
        Optional<Canary> readBack,
        String runId,
        String replId,
        String role,
        long commandsProcessed,
        long replacements,
        long evictedKeys,
        String slots) {
    public BeatReply {
        Objects.requireNonNull(readBack, "readBack");
        Objects.requireNonNull(runId, "runId");
        Objects.requireNonNull(replId, "replId");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(slots, "slots");
    }

    /**
     * Of a canary what matters to the proof.
     *
     * @param expires whether somebody gave it an expiry, which no beat leaves behind
     * @param foreign the fields that are no beat's
     */
    public record Canary(String watch, long n, boolean expires, Map<Bytes, Bytes> foreign) {
        public Canary {
            Objects.requireNonNull(watch, "watch");
            foreign = Map.copyOf(foreign);
        }
    }
}
