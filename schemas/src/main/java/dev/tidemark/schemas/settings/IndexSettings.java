package dev.tidemark.schemas.settings;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The search indexes that a restore makes.
 *
 * @param definitions a file of FT.CREATE commands in place of those that the source had; without any, none is made
 */
public record IndexSettings(Optional<Path> definitions) {
    public IndexSettings {
        Objects.requireNonNull(definitions, "definitions");
    }

    public static IndexSettings defaults() {
        return new IndexSettings(Optional.empty());
    }
}
