package dev.tidemark.restorer.drill;

import java.util.Objects;

/** What is searched for: whatever is like this chunk, as it was restored. */
public record Query(ChunkName chunk, Embedding embedding) {
    public Query {
        Objects.requireNonNull(chunk, "chunk");
        Objects.requireNonNull(embedding, "embedding");
    }
}
