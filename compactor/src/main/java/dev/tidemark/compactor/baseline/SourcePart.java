package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.Slots;
import dev.tidemark.schemas.redis.HostPort;
import java.util.Objects;

/** A primary with its slots: the life it is in, and the history that it writes. */
record SourcePart(HostPort primary, Slots slots, String runId, String replId) {
    SourcePart {
        Objects.requireNonNull(primary, "primary");
        Objects.requireNonNull(slots, "slots");
        Objects.requireNonNull(runId, "runId");
        Objects.requireNonNull(replId, "replId");
    }
}
