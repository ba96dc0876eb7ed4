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
    /** Of what it tells at once; each part counts some bytes besides its content. */
    private static final long ANSWER_BYTES_MAX = 16L << 20;

    private static final long PART_BYTES = 64;
    private static final int DEPTH_MAX = 32;

    private final RedisSocket redis;
    private long bytesLeft;

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
        ask(definition.words().stream().map(Bytes::array).toArray(byte[][]::new));
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
        return ask(words.toArray(byte[][]::new));
    }

    private Object ask(byte[]... words) throws IOException {
        redis.send(words);
        bytesLeft = ANSWER_BYTES_MAX;
        return answer(0);
    }

    /** Bytes, a {@link Long}, a list of answers, or null for none. */
    private Object answer(int depth) throws IOException {
        switch (redis.kind()) {
            case '$' -> {
                long length = redis.length();
                take(length);
                return length < 0 ? null : redis.content((int) length);
            }
            case '*' -> {
                take(depth == DEPTH_MAX ? ANSWER_BYTES_MAX : 0);
                int length = redis.array();
                List<Object> answers = new ArrayList<>();
                for (int i = 0; i < length; i++) {
                    answers.add(answer(depth + 1));
                }
                return length < 0 ? null : answers;
            }
            case ':' -> {
                take(0);
                return redis.integer();
            }
            default -> {
                take(0);
                return redis.line().getBytes(StandardCharsets.UTF_8);
            }
        }
    }

    private void take(long bytes) throws IOException {
        bytesLeft -= PART_BYTES + bytes;
        if (bytesLeft < 0) {
            throw new IOException(
                    "the search module tells more than %d MiB of an index".formatted(ANSWER_BYTES_MAX >> 20));
        }
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
