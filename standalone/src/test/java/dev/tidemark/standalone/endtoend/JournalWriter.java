package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.Await;
import io.lettuce.core.RedisClient;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** An application that keeps a journal of what it writes, and remembers what was true when. */
final class JournalWriter implements AutoCloseable {
    private static final int KEYS = 300;
    private static final Duration BETWEEN_WRITES = Duration.ofMillis(2);
    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final String GONE = "";

    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final String stream;
    private final Random random;
    /** What each key held from when on, by Redis's clock. */
    private final Map<String, TreeMap<Instant, String>> history = new ConcurrentHashMap<>();

    private final Thread thread = new Thread(this::write, "journal-writer");
    private volatile boolean closed;
    private final AtomicLong writes = new AtomicLong();
    private volatile Instant now = Instant.EPOCH;

    JournalWriter(URI redis, String stream, Random random) {
        this.client = RedisClient.create(redis.toString());
        this.connection = client.connect();
        this.stream = stream;
        this.random = random;
        thread.start();
    }

    private void write() {
        RedisCommands<String, String> redis = connection.sync();
        while (!closed) {
            String key = "chunk:" + random.nextInt(KEYS);
            boolean deletes = random.nextInt(5) == 0;
            String value = deletes ? GONE : Long.toString(writes.get());
            redis.multi();
            redis.time();
            if (deletes) {
                redis.del(key);
            } else {
                redis.set(key, value);
            }
            redis.xadd(stream, "key", key);
            TransactionResult done = redis.exec();
            List<String> time = done.get(0);
            Instant at = Instant.ofEpochSecond(Long.parseLong(time.get(0)))
                    .plus(Long.parseLong(time.get(1)), ChronoUnit.MICROS);
            history.compute(key, (same, states) -> {
                TreeMap<Instant, String> more = states == null ? new TreeMap<>() : new TreeMap<>(states);
                more.put(at, value);
                return more;
            });
            now = at;
            writes.incrementAndGet();
            LockSupport.parkNanos(BETWEEN_WRITES.toNanos());
        }
    }

    /** Redis's time at the last write. */
    Instant now() {
        return now;
    }

    void awaitWrites(long more) {
        long enough = writes.get() + more;
        Await.until(WITHIN, () -> writes.get() >= enough, more + " more writes");
    }

    /** Every key must hold what it held at some moment between then and as much earlier as this. */
    void check(URI restored, Instant at, Duration exactness) {
        RedisClient other = RedisClient.create(restored.toString());
        try (StatefulRedisConnection<String, String> found = other.connect()) {
            history.forEach((key, states) -> {
                Map<Instant, String> within = states.subMap(at.minus(exactness), false, at, true);
                String before = Optional.ofNullable(states.floorEntry(at.minus(exactness)))
                        .map(Map.Entry::getValue)
                        .orElse(GONE);
                String value = Optional.ofNullable(found.sync().get(key)).orElse(GONE);
                assertThat(value.equals(before) || within.containsValue(value))
                        .as("%s is '%s', was '%s' and then %s", key, value, before, within)
                        .isTrue();
            });
        } finally {
            other.shutdown();
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.shutdown();
    }
}
