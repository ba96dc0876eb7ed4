package dev.tidemark.restorer;

import dev.tidemark.servers.AnsweringProxy;
import dev.tidemark.servers.AnsweringProxy.Refusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A search module as far as its replies are recorded, in the form that RediSearch 2.10 gives them over RESP2. It knows two
 * indexes, {@link #CHUNKS} and {@link #OTHER_CHUNKS}, and how far it is with each.
 */
final class RecordedSearch implements AnsweringProxy.Answers {
    static final String CHUNKS = "FT.CREATE chunks ON HASH PREFIX 1 chunk: SCORE 1 SCHEMA text TEXT WEIGHT 1"
            + " embedding VECTOR HNSW 10 TYPE FLOAT32 DIM 4 DISTANCE_METRIC COSINE M 16 EF_CONSTRUCTION 200";
    static final String OTHER_CHUNKS = "FT.CREATE chunks ON HASH PREFIX 1 chunk: SCORE 1 SCHEMA text TEXT WEIGHT 1";

    private static final List<Object> TEXT =
            list("identifier", "text", "attribute", "text", "type", "TEXT", "WEIGHT", "1");
    private static final List<Object> EMBEDDING = list(
            "identifier",
            "embedding",
            "attribute",
            "embedding",
            "type",
            "VECTOR",
            "algorithm",
            "HNSW",
            "data_type",
            "FLOAT32",
            "dim",
            4L,
            "distance_metric",
            "COSINE",
            "M",
            16L,
            "ef_construction",
            200L);

    /** By name, the fields as FT.INFO tells them. */
    private final Map<String, List<Object>> indexes = new LinkedHashMap<>();

    /** What FT.INFO says next of how far it is; 1 when nothing is left. */
    private final Deque<String> shares = new ArrayDeque<>();

    private final List<List<String>> said = new ArrayList<>();
    private Optional<String> refusal = Optional.empty();
    private Optional<String> listRefusal = Optional.empty();

    void has(List<Object> fields) {
        indexes.put("chunks", fields);
    }

    static List<Object> fieldsOfChunks() {
        return list(TEXT, EMBEDDING);
    }

    static List<Object> fieldsOfOtherChunks() {
        return list(TEXT);
    }

    void isAt(String... next) {
        shares.addAll(Arrays.asList(next));
    }

    void refusesToCreate(String message) {
        refusal = Optional.of(message);
    }

    void refusesToList(String message) {
        listRefusal = Optional.of(message);
    }

    /** Everything that was said to the module, but for questions. */
    synchronized List<String> done() {
        return said.stream()
                .map(words -> String.join(" ", words))
                .filter(command -> !command.startsWith("FT._LIST") && !command.startsWith("FT.INFO"))
                .toList();
    }

    @Override
    public synchronized Optional<Object> to(List<String> words) {
        if (!words.get(0).startsWith("FT.")) {
            return Optional.empty();
        }
        said.add(words);
        return Optional.of(
                switch (words.get(0)) {
                    case "FT._LIST" ->
                        listRefusal.isPresent() ? new Refusal(listRefusal.get()) : List.copyOf(indexes.keySet());
                    case "FT.CREATE" -> create(words);
                    case "FT.INFO" -> info(words.get(1));
                    case "FT.DROPINDEX" -> indexes.remove(words.get(1)) == null ? unknown() : "OK";
                    default -> new Refusal("ERR not recorded");
                });
    }

    private Object create(List<String> words) {
        if (refusal.isPresent()) {
            return new Refusal(refusal.get());
        }
        if (indexes.containsKey(words.get(1))) {
            return new Refusal("Index already exists");
        }
        indexes.put(words.get(1), words.contains("VECTOR") ? fieldsOfChunks() : fieldsOfOtherChunks());
        return "OK";
    }

    private Object info(String index) {
        if (!indexes.containsKey(index)) {
            return unknown();
        }
        String share = shares.isEmpty() ? "1" : shares.size() == 1 ? shares.peek() : shares.remove();
        return list(
                "index_name",
                index,
                "index_options",
                list(),
                "index_definition",
                list("key_type", "HASH", "prefixes", list("chunk:"), "default_score", "1"),
                "attributes",
                indexes.get(index),
                "num_docs",
                "3",
                "hash_indexing_failures",
                "0",
                "indexing",
                share.equals("1") ? 0L : 1L,
                "percent_indexed",
                share);
    }

    private static Refusal unknown() {
        return new Refusal("Unknown index name");
    }

    /** Of objects, whatever they are: the compiler is not to look for what they have in common. */
    private static List<Object> list(Object... items) {
        return Arrays.asList(items);
    }
}
