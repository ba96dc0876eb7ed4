package dev.tidemark.restorer.drill;

import dev.tidemark.schemas.Bytes;
import java.util.Comparator;
import java.util.Objects;

/** A chunk that a vector search found. */
public record Hit(ChunkName name, double similarity) {
    /** Names decide between equals, so that two servers that hold the same in another order find the same. */
    public static final Comparator<Hit> BEST_FIRST = Comparator.comparingDouble(Hit::similarity)
            .reversed()
            .thenComparing(hit -> hit.name().key().db())
            .thenComparing(hit -> hit.name().key().key())
            .thenComparing(hit -> hit.name().element().orElse(Bytes.empty()));

    public Hit {
        Objects.requireNonNull(name, "name");
    }
}
