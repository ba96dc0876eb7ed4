package dev.tidemark.restorer.drill;

import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import java.util.Objects;
import java.util.Optional;

/**
 * What a vector search finds.
 *
 * @param element of the vector set of that key; empty where the key is a hash that holds its embedding
 */
public record ChunkName(KeyName key, Optional<Bytes> element) {
    public ChunkName {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(element, "element");
    }

    public static ChunkName ofHash(KeyName key) {
        return new ChunkName(key, Optional.empty());
    }

    public static ChunkName ofElement(KeyName set, Bytes element) {
        return new ChunkName(set, Optional.of(element));
    }
}
