package dev.tidemark.oracle;

import static dev.tidemark.oracle.judge.ValueType.HASH;

import dev.tidemark.oracle.OwnKey.Flavour;
import dev.tidemark.oracle.judge.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Hashes: RAG chunks as vector stores write them, and small ones. */
final class HashRecipes {
    private static final String[] CHUNK_FIELDS = {"chunk_id", "doc_id", "text", "text_embedding", "metadata"};
    private static final int MEGABYTE = 1 << 20;

    private HashRecipes() {}

    static List<Recipe> all() {
        return List.of(
                new Recipe(Operation.HSET_CHUNK, 150, HashRecipes::chunk),
                new Recipe(
                        Operation.HSET_SMALL,
                        20,
                        d -> d.run(
                                "HSET",
                                d.pick(HASH, Flavour.NONE),
                                d.values().field(),
                                d.values().string(),
                                d.values().field(),
                                d.below(1_000))),
                new Recipe(
                        Operation.HSET_1MB,
                        1,
                        d -> d.run("HSET", d.pick(HASH), "text", d.values().binary(MEGABYTE))),
                new Recipe(
                        Operation.HDEL,
                        10,
                        d -> d.run("HDEL", d.existing(HASH), d.values().field(), "metadata")),
                new Recipe(Operation.HDEL_TO_EMPTY, 8, HashRecipes::deleteAllFields),
                new Recipe(Operation.HINCRBY, 10, d -> d.run("HINCRBY", d.pick(HASH), "count", d.below(100) - 50)),
                new Recipe(
                        Operation.HSETNX,
                        8,
                        d -> d.run(
                                "HSETNX",
                                d.pick(HASH),
                                d.values().field(),
                                d.values().string())));
    }

    private static void chunk(Draft draft) throws Draft.NoKeyFree {
        OwnKey key = draft.pick(HASH, Flavour.CHUNK);
        Values values = draft.values();
        draft.run(
                "HSET",
                key,
                "chunk_id",
                "c" + key.index(),
                "doc_id",
                "doc-" + draft.below(100),
                "text",
                values.text(900 + draft.below(200)),
                "text_embedding",
                values.embedding(),
                "metadata",
                values.metadata());
    }

    private static void deleteAllFields(Draft draft) throws Draft.NoKeyFree {
        List<Object> words = new ArrayList<>(List.of("HDEL", draft.existing(HASH), "count"));
        words.addAll(Arrays.asList(CHUNK_FIELDS));
        words.addAll(Arrays.asList(Values.allFields()));
        draft.run(words.toArray());
    }
}
