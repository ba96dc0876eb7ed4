package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What was found under a key, or why it cannot be used.
 *
 * @param fault a sentence; empty if there is something
 */
public record Looked<K, T>(K key, Optional<T> found, String fault) {
    public Looked {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(found, "found");
        Objects.requireNonNull(fault, "fault");
    }

    /** What a store does not answer stays an error: it says nothing about what lies there. */
    static <K, T> Looked<K, T> at(K key, Supplier<Optional<T>> look) {
        try {
            return new Looked<>(key, look.get(), "");
        } catch (TidemarkError damaged) {
            if (damaged.code() != ExitCode.ARCHIVE_DAMAGED) {
                throw damaged;
            }
            return new Looked<>(key, Optional.empty(), damaged.getMessage());
        }
    }
}
