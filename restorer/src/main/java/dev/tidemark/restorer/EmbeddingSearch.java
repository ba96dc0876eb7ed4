package dev.tidemark.restorer;

import dev.tidemark.restorer.drill.ChunkName;
import dev.tidemark.restorer.drill.Comparison.Means;
import dev.tidemark.restorer.drill.Embedding;
import dev.tidemark.restorer.drill.Hit;
import dev.tidemark.restorer.drill.Nearest;
import dev.tidemark.restorer.drill.Query;
import dev.tidemark.restorer.drill.Sample;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/**
 * Searches by exact cosine over every embedding that a server holds in a field of its hashes. A few hundred of them are in
 * memory at once.
 */
final class EmbeddingSearch implements VectorSearch {
    private static final int KEYS_A_SCAN = 500;

    private final TargetRedis redis;
    private final byte[] field;
    private final Duration answerLimit;
    private final Map<Integer, StatefulRedisConnection<byte[], byte[]>> connections = new HashMap<>();

    EmbeddingSearch(TargetRedis redis, String field, Duration answerLimit) {
        this.redis = redis;
        this.field = field.getBytes(StandardCharsets.UTF_8);
        this.answerLimit = answerLimit;
    }

    @Override
    public Means means() {
        return Means.COSINE;
    }

    /** Each as likely as any other. */
    @Override
    public List<Query> sample(int count, Random random) throws InterruptedException {
        Sample<Query> sample = new Sample<>(count, random);
        each((name, embedding) -> sample.add(new Query(ChunkName.ofHash(name), embedding)));
        return sample.drawn();
    }

    @Override
    public List<List<Hit>> nearest(List<Query> queries, int wanted) throws InterruptedException {
        List<Nearest> nearest = queries.stream()
                .map(query -> new Nearest(query.embedding(), wanted))
                .toList();
        each((name, embedding) -> nearest.forEach(one -> one.query()
                .cosine(embedding)
                .ifPresent(similarity -> one.add(new Hit(ChunkName.ofHash(name), similarity)))));
        return nearest.stream().map(Nearest::hits).toList();
    }

    @Override
    public Optional<Embedding> of(ChunkName name) throws InterruptedException {
        KeyName hash = name.key();
        try {
            return embedding(connection(hash.db()).async().hget(hash.key().array(), field));
        } catch (RedisException | ExecutionException | TimeoutException e) {
            throw RedisReplies.failed(redis.address(), e, UNTOUCHED);
        }
    }

    private void each(BiConsumer<KeyName, Embedding> chunks) throws InterruptedException {
        try {
            for (int db : redis.keys(UNTOUCHED).keySet()) {
                each(db, connection(db), chunks);
            }
        } catch (RedisException | ExecutionException | TimeoutException e) {
            throw RedisReplies.failed(redis.address(), e, UNTOUCHED);
        }
    }

    private void each(int db, StatefulRedisConnection<byte[], byte[]> connection, BiConsumer<KeyName, Embedding> chunks)
            throws InterruptedException, ExecutionException, TimeoutException {
        KeyScanArgs page = KeyScanArgs.Builder.type("hash").limit(KEYS_A_SCAN);
        ScanCursor cursor = ScanCursor.INITIAL;
        do {
            KeyScanCursor<byte[]> found = connection.sync().scan(cursor, page);
            List<RedisFuture<byte[]>> answers = new ArrayList<>();
            for (byte[] key : found.getKeys()) {
                answers.add(connection.async().hget(key, field));
            }
            for (int i = 0; i < answers.size(); i++) {
                KeyName name = new KeyName(db, Bytes.wrap(found.getKeys().get(i)));
                Optional<Embedding> embedding = embedding(answers.get(i));
                if (embedding.isPresent() && !ReservedKeys.isReserved(name.key())) {
                    chunks.accept(name, embedding.get());
                }
            }
            cursor = found;
        } while (!cursor.isFinished());
    }

    private Optional<Embedding> embedding(RedisFuture<byte[]> answer)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return Optional.ofNullable(answer.get(answerLimit.toMillis(), TimeUnit.MILLISECONDS))
                    .map(Bytes::wrap)
                    .flatMap(Embedding::of);
        } catch (ExecutionException e) {
            // It is no hash any more.
            if (e.getCause() instanceof RedisCommandExecutionException refused
                    && String.valueOf(refused.getMessage()).startsWith("WRONGTYPE")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private StatefulRedisConnection<byte[], byte[]> connection(int db) {
        return connections.computeIfAbsent(db, each -> redis.open(each, UNTOUCHED));
    }
}
