package dev.tidemark.standalone.demo;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a retrieval system keeps in Redis: chunks of documents with their embeddings. Speaks for one Redis, in one thread. */
final class ChunkStore implements AutoCloseable {
    static final int CHUNKS_A_DOCUMENT = 20;
    private static final int BATCH = 500;

    private final RedisClient client;
    private final StatefulRedisConnection<byte[], byte[]> connection;

    ChunkStore(URI uri) {
        client = RedisClient.create(uri.toString());
        connection = client.connect(ByteArrayCodec.INSTANCE);
    }

    static String key(int document, int chunk) {
        return "chunk:%05d:%03d".formatted(document, chunk);
    }

    /** Fills the store with documents 0 to {@code documents - 1}. */
    void ingest(int documents) {
        for (int document = 0; document < documents; document++) {
            write(document, "Document %1$d, chunk %2$d: what a retrieval system would find here. ".repeat(8), 1);
        }
    }

    /** Writes every chunk of one document: text, embedding, metadata. */
    void write(int document, String text, int version) {
        List<RedisFuture<Long>> answers = new ArrayList<>();
        for (int chunk = 0; chunk < CHUNKS_A_DOCUMENT; chunk++) {
            answers.add(send(document, chunk, text, version));
        }
        answers.forEach(answer -> answer.toCompletableFuture().join());
    }

    /** Writes one chunk. */
    void write(int document, int chunk, String text, int version) {
        send(document, chunk, text, version).toCompletableFuture().join();
    }

    private RedisFuture<Long> send(int document, int chunk, String text, int version) {
        IdentityHashMap<byte[], byte[]> fields = new IdentityHashMap<>();
        fields.put(bytes("chunk_id"), bytes(document + "-" + chunk));
        fields.put(bytes("doc_id"), bytes(Integer.toString(document)));
        fields.put(bytes("text"), bytes(text.formatted(document, chunk)));
        fields.put(bytes(Look.EMBEDDING), Vectors.bytes(Vectors.of(document, chunk, version)));
        fields.put(bytes("metadata"), bytes("{\"version\":%d}".formatted(version)));
        return connection.async().hset(bytes(key(document, chunk)), fields);
    }

    void flush() {
        connection.sync().flushall();
    }

    /** By its own clock. */
    Instant now() {
        List<byte[]> time = connection.sync().time();
        return Instant.ofEpochSecond(Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)))
                .plus(Long.parseLong(new String(time.get(1), StandardCharsets.US_ASCII)), ChronoUnit.MICROS);
    }

    /** Reads everything once. */
    Look look(float[] query, int wanted) {
        Look.Builder look = new Look.Builder(query, wanted);
        List<byte[]> batch = new ArrayList<>();
        for (byte[] key : keys()) {
            batch.add(key);
            if (batch.size() == BATCH) {
                read(batch, look);
            }
        }
        read(batch, look);
        return look.built();
    }

    private void read(List<byte[]> batch, Look.Builder look) {
        List<RedisFuture<Map<byte[], byte[]>>> answers =
                batch.stream().map(connection.async()::hgetall).toList();
        for (int i = 0; i < answers.size(); i++) {
            look.add(batch.get(i), answers.get(i).toCompletableFuture().join());
        }
        batch.clear();
    }

    private SortedSet<byte[]> keys() {
        SortedSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
        ScanArgs chunks = ScanArgs.Builder.matches("chunk:*").limit(BATCH);
        KeyScanCursor<byte[]> cursor = connection.sync().scan(ScanCursor.INITIAL, chunks);
        keys.addAll(cursor.getKeys());
        while (!cursor.isFinished()) {
            cursor = connection.sync().scan(cursor, chunks);
            keys.addAll(cursor.getKeys());
        }
        return keys;
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
