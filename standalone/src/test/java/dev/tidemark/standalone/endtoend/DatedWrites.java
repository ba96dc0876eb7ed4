package dev.tidemark.standalone.endtoend;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Writes new keys without end, each with the Redis time of its birth: then a snapshot tells by its keys when it was made. */
final class DatedWrites implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int BATCH = 20;
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final Map<Bytes, Long> bornMicros = new ConcurrentHashMap<>();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final RedisSocket redis;
    private final Thread thread = new Thread(this::write, "dated-writes");
    private volatile boolean stopping;

    DatedWrites(URI uri) throws IOException {
        redis = socket(uri);
        thread.start();
    }

    static RedisSocket socket(URI uri) throws IOException {
        return RedisSocket.open(
                new RedisAddress(
                        uri.getHost(),
                        uri.getPort(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        PATIENCE,
                        PATIENCE),
                0);
    }

    private void write() {
        try {
            for (int number = 0; !stopping; number += BATCH) {
                batch(number);
                Rest.of(PAUSE);
            }
        } catch (IOException e) {
            failure.set(e);
        }
    }

    /** The clock and the writes in one piece. */
    private void batch(int first) throws IOException {
        redis.raw(RedisSocket.encoded(0, "MULTI"));
        redis.raw(RedisSocket.encoded(0, "TIME"));
        for (int i = 0; i < BATCH; i++) {
            redis.raw(RedisSocket.encoded(0, "SET", "dated:" + (first + i), "x".repeat(100)));
        }
        redis.send("EXEC".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < BATCH + 2; i++) {
            redis.skip();
        }
        redis.array();
        redis.array();
        long micros = Long.parseLong(redis.text()) * 1_000_000 + Long.parseLong(redis.text());
        for (int i = 0; i < BATCH; i++) {
            redis.skip();
            bornMicros.put(Bytes.utf8("dated:" + (first + i)), micros);
        }
    }

    /** Every key so far, with its birth. */
    Map<Bytes, Long> stop() throws InterruptedException {
        stopping = true;
        thread.join();
        if (failure.get() != null) {
            throw new IllegalStateException("the writer failed", failure.get());
        }
        return Map.copyOf(bornMicros);
    }

    int written() {
        return bornMicros.size();
    }

    /** Without its connection the thread ends. */
    @Override
    public void close() {
        stopping = true;
        redis.close();
    }
}
