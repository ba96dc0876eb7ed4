package dev.tidemark.restorer.drill;

import dev.tidemark.restorer.plan.KeyName;
import java.util.Objects;

/** A chunk that a vector search found. */
public record Hit(KeyName name, double similarity) {
    public Hit {
        Objects.requireNonNull(name, "name");
    }
}
