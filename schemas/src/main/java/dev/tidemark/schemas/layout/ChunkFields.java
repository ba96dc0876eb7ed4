package dev.tidemark.schemas.layout;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Which fields of a hash become columns of their own in the archive; all others lie in the column {@code fields}. It only
 * decides where an analyst finds them: every row says how it was taken apart, so changing it changes nothing that was
 * written, and a restore does not need it.
 */
public record ChunkFields(
        Optional<String> chunkId,
        Optional<String> docId,
        Optional<String> text,
        Optional<String> embedding,
        Optional<String> metadata) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.$@/-]{1,64}");

    public ChunkFields {
        Objects.requireNonNull(chunkId, "chunkId");
        Objects.requireNonNull(docId, "docId");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(embedding, "embedding");
        Objects.requireNonNull(metadata, "metadata");
    }

    public static ChunkFields standard() {
        return of("chunk_id", "doc_id", "text", "text_embedding", "metadata");
    }

    /** As the package langchain-redis writes them. */
    public static ChunkFields langchain() {
        return of(null, null, "text", "embedding", "_metadata_json");
    }

    /** As the older vector store of langchain-community writes them. */
    public static ChunkFields langchainCommunity() {
        return of(null, null, "content", "content_vector", null);
    }

    /** As RedisVL's semantic cache writes them; its indexes have whatever fields their schema names. */
    public static ChunkFields redisvl() {
        return of("entry_id", null, "prompt", "prompt_vector", "metadata");
    }

    private static ChunkFields of(String chunkId, String docId, String text, String embedding, String metadata) {
        return new ChunkFields(
                Optional.ofNullable(chunkId),
                Optional.ofNullable(docId),
                Optional.ofNullable(text),
                Optional.ofNullable(embedding),
                Optional.ofNullable(metadata));
    }

    /** What is wrong with it, each with the component it is about. */
    public void report(BiConsumer<String, String> problem) {
        List<String> components = List.of("chunk-id", "doc-id", "text", "embedding", "metadata");
        Set<String> seen = new HashSet<>();
        List<Optional<String>> names = List.of(chunkId, docId, text, embedding, metadata);
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).isEmpty()) {
                continue;
            }
            String name = names.get(i).get();
            if (!NAME.matcher(name).matches()) {
                problem.accept(components.get(i), "is '" + name + "'; it is 1 to 64 of a-z, A-Z, 0-9 and '_.$@/-'");
            } else if (!seen.add(name)) {
                problem.accept(components.get(i), "is '" + name + "', which is another column already");
            }
        }
    }
}
