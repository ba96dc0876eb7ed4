package dev.tidemark.restorer;

import dev.tidemark.restorer.plan.IndexDefinition;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.redis.RedisRefused;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SearchIndex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The search module of one server. It is asked over RESP2, in which it was asked when the source's indexes were logged:
 * otherwise it would say the same in another form.
 */
final class SearchModule implements AutoCloseable {
    private final RedisSocket redis;

    private SearchModule(RedisSocket redis) {
        this.redis = redis;
    }

    static SearchModule of(TargetRedis node) throws IOException {
        // Indexes are of database 0, whatever they index.
        return new SearchModule(node.stream(0));
    }

    /** The names of what is there; empty if the server has no such module. */
    Optional<Set<Bytes>> indexes() throws IOException {
        try {
            Set<Bytes> names = new LinkedHashSet<>();
            for (Object name : list(ask("FT._LIST"))) {
                names.add(Bytes.wrap((byte[]) name));
            }
            return Optional.of(names);
        } catch (RedisRefused refused) {
            if (refused.getMessage().contains("unknown command")) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    /** Whether the index that is there is what this definition would make; not if it tells what we do not know. */
    boolean isSame(IndexDefinition definition) throws IOException {
        try {
            return definition.isSameAs(
                    SearchIndex.createdBy(definition.index().array(), list(ask("FT.INFO", definition.index()))));
        } catch (IllegalArgumentException anotherForm) {
            return false;
        }
    }

    void create(IndexDefinition definition) throws IOException {
        redis.send(definition.words().stream().map(Bytes::array).toArray(byte[][]::new));
        redis.any();
    }

    /** The keys that it indexed stay: DD, which deletes them, is never said. */
    void drop(IndexDefinition definition) throws IOException {
        ask("FT.DROPINDEX", definition.index());
    }

    /**
     * How far an index is.
     *
     * @param documents that are in it
     * @param share of the keys that have been looked at, up to 1
     * @param unfit keys that it could not take
     */
    record Indexing(boolean isDone, long documents, double share, long unfit) {}

    Indexing indexing(IndexDefinition definition) throws IOException {
        Map<String, Double> numbers = new HashMap<>();
        List<Object> told = list(ask("FT.INFO", definition.index()));
        for (int i = 0; i + 1 < told.size(); i += 2) {
            if (told.get(i) instanceof byte[] name) {
                number(told.get(i + 1)).ifPresent(number -> numbers.put(TargetRedis.ascii(name), number));
            }
        }
        double share = numbers.getOrDefault("percent_indexed", 1.0);
        return new Indexing(
                numbers.getOrDefault("indexing", 0.0) == 0 && share >= 1,
                numbers.getOrDefault("num_docs", 0.0).longValue(),
                share,
                numbers.getOrDefault("hash_indexing_failures", 0.0).longValue());
    }

    private static Optional<Double> number(Object told) {
        if (told instanceof Long number) {
            return Optional.of(number.doubleValue());
        }
        try {
            return told instanceof byte[] bytes
                    ? Optional.of(Double.valueOf(TargetRedis.ascii(bytes)))
                    : Optional.empty();
        } catch (NumberFormatException word) {
            return Optional.empty();
        }
    }

    private Object ask(String command, Bytes... arguments) throws IOException {
        List<byte[]> words = new ArrayList<>();
        words.add(command.getBytes(StandardCharsets.US_ASCII));
        for (Bytes argument : arguments) {
            words.add(argument.array());
        }
        redis.send(words.toArray(byte[][]::new));
        return redis.any();
    }

    private static List<Object> list(Object answer) throws IOException {
        if (answer instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        throw new IOException("the search module answers in a form that is not known");
    }

    @Override
    public void close() {
        redis.close();
    }
}
