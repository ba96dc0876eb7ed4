package dev.tidemark.standalone.demo;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.ValueListOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** What a retrieval system keeps in Redis: chunks of documents with their embeddings. Speaks for one Redis. */
final class ChunkStore implements AutoCloseable {
    static final int DIMENSIONS = 384;
    static final int CHUNKS_A_DOCUMENT = 20;
    private static final int BATCH = 500;

    /** A chunk that a vector search found. */
    record Hit(String chunk, double similarity) {
        @Override
        public String toString() {
            return "%s (%.4f)".formatted(chunk, similarity);
        }
    }

    private final RedisClient client;
    private final StatefulRedisConnection<byte[], byte[]> connection;

    ChunkStore(URI uri) {
        client = RedisClient.create(uri.toString());
        connection = client.connect(ByteArrayCodec.INSTANCE);
    }

    /** Fills the store with documents 0 to {@code documents - 1}. */
    void ingest(int documents) {
        for (int document = 0; document < documents; document++) {
            write(document, "Document %1$d, chunk %2$d: what a retrieval system would find here. ".repeat(8), 1);
        }
    }

    /** Writes every chunk of one document: text, embedding, metadata. */
    void write(int document, String text, long version) {
        List<RedisFuture<Long>> answers = new ArrayList<>();
        for (int chunk = 0; chunk < CHUNKS_A_DOCUMENT; chunk++) {
            answers.add(connection
                    .async()
                    .dispatch(
                            CommandType.HSET,
                            new IntegerOutput<>(ByteArrayCodec.INSTANCE),
                            new CommandArgs<>(ByteArrayCodec.INSTANCE)
                                    .addKey(bytes(key(document, chunk)))
                                    .add("chunk_id")
                                    .add(bytes(document + "-" + chunk))
                                    .add("doc_id")
                                    .add(bytes(Integer.toString(document)))
                                    .add("text")
                                    .add(bytes(text.formatted(document, chunk)))
                                    .add("text_embedding")
                                    .add(embedding(document * 1_000_003L + chunk * 31L + version))
                                    .add("metadata")
                                    .add(bytes("{\"version\":%d}".formatted(version)))));
            if (answers.size() == BATCH) {
                answers.forEach(answer -> answer.toCompletableFuture().join());
                answers.clear();
            }
        }
        answers.forEach(answer -> answer.toCompletableFuture().join());
    }

    void flush() {
        connection.sync().flushall();
    }

    long keys() {
        return chunkKeys().size();
    }

    Instant now() {
        List<byte[]> time = connection.sync().time();
        return Instant.ofEpochSecond(Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)))
                .plus(Long.parseLong(new String(time.get(1), StandardCharsets.US_ASCII)), ChronoUnit.MICROS);
    }

    /** The nearest chunks by exact cosine similarity, over all there are. */
    List<Hit> search(long querySeed, int wanted) {
        float[] query = floats(embedding(querySeed));
        List<Hit> hits = new ArrayList<>();
        for (byte[] key : chunkKeys()) {
            byte[] embedding = connection.sync().hget(key, bytes("text_embedding"));
            hits.add(new Hit(new String(key, StandardCharsets.UTF_8), cosine(query, floats(embedding))));
        }
        hits.sort(Comparator.comparingDouble(Hit::similarity).reversed().thenComparing(Hit::chunk));
        return List.copyOf(hits.subList(0, Math.min(wanted, hits.size())));
    }

    /** SHA-256 over every key and every byte of every field, in the order of the keys. */
    String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] key : chunkKeys()) {
                digest.update(key);
                List<byte[]> fields = connection
                        .async()
                        .dispatch(
                                CommandType.HGETALL,
                                new ValueListOutput<>(ByteArrayCodec.INSTANCE),
                                new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key))
                        .toCompletableFuture()
                        .join();
                IntStream.range(0, fields.size() / 2)
                        .mapToObj(i -> HexFormat.of().formatHex(fields.get(2 * i)) + "="
                                + HexFormat.of().formatHex(fields.get(2 * i + 1)))
                        .sorted()
                        .forEach(field -> digest.update(bytes(field)));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private List<byte[]> chunkKeys() {
        List<byte[]> keys = new ArrayList<>(connection.sync().keys("chunk:*"));
        keys.sort(java.util.Arrays::compareUnsigned);
        return keys;
    }

    private static String key(int document, int chunk) {
        return "chunk:%05d:%03d".formatted(document, chunk);
    }

    private static byte[] embedding(long seed) {
        Random random = new Random(seed);
        ByteBuffer bytes = ByteBuffer.allocate(DIMENSIONS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < DIMENSIONS; i++) {
            bytes.putFloat((float) random.nextGaussian());
        }
        return bytes.array();
    }

    private static float[] floats(byte[] bytes) {
        float[] floats = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            lengthA += (double) a[i] * a[i];
            lengthB += (double) b[i] * b[i];
        }
        return product / Math.sqrt(lengthA * lengthB);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
}
