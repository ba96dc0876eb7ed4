package dev.tidemark.schemas.settings;

import dev.tidemark.schemas.layout.ChunkFields;
import java.util.Objects;
import java.util.Optional;

/** Which fields of a hash become columns for analysts: those of the preset, unless said otherwise one by one. */
public record ColumnsSettings(
        ColumnsPreset preset,
        Optional<String> chunkId,
        Optional<String> docId,
        Optional<String> text,
        Optional<String> embedding,
        Optional<String> metadata) {
    public ColumnsSettings {
        Objects.requireNonNull(preset, "preset");
        Objects.requireNonNull(chunkId, "chunkId");
        Objects.requireNonNull(docId, "docId");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(embedding, "embedding");
        Objects.requireNonNull(metadata, "metadata");
    }

    public static ColumnsSettings defaults() {
        return new ColumnsSettings(
                ColumnsPreset.STANDARD,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public ChunkFields fields() {
        ChunkFields given = preset.fields();
        return new ChunkFields(
                chunkId.or(given::chunkId),
                docId.or(given::docId),
                text.or(given::text),
                embedding.or(given::embedding),
                metadata.or(given::metadata));
    }

    void report(Problems problems) {
        fields().report((component, what) -> problems.unless(false, "compactor.columns." + component + " " + what));
    }
}
