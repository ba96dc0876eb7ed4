package dev.tidemark.restorer;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What a drill practises.
 *
 * @param at the time to restore; empty for any of those that can be
 * @param embeddingField of the hashes that are searched by cosine
 */
public record DrillOptions(Optional<Instant> at, String embeddingField, boolean withTail) {
    public DrillOptions {
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(embeddingField, "embeddingField");
    }
}
