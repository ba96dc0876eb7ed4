package dev.tidemark.capture;

import dev.tidemark.schemas.Bytes;
import io.lettuce.core.KeyValue;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A small hash of ours in the user's Redis. Whoever may write there may have filled it, and whatever is read is held in memory:
 * so it is measured first, and watched from before that until a transaction reads it.
 */
final class OwnHash {
    /** We write a handful; what others left there is borne up to here. */
    static final int FIELDS_MAX = 64;

    static final int BYTES_MAX = 1 << 20;

    private static final int READS_MAX = 3;

    private OwnHash() {}

    /** What it takes in the server. */
    record Size(long fields, long bytes) {
        boolean isTooLarge() {
            return fields > FIELDS_MAX || bytes > BYTES_MAX;
        }
    }

    /** An EXEC after it is discarded if anything was written there since. */
    static CompletableFuture<Size> watch(RedisAsyncCommands<byte[], byte[]> redis, byte[] key) {
        CompletableFuture<String> watched = redis.watch(key).toCompletableFuture();
        CompletableFuture<Long> fields = redis.hlen(key).toCompletableFuture();
        CompletableFuture<Long> bytes = redis.dispatch(
                        CommandType.MEMORY, new IntegerOutput<>(ByteArrayCodec.INSTANCE), usage(key))
                .toCompletableFuture();
        return CompletableFuture.allOf(watched, fields, bytes)
                .thenApply(all -> new Size(fields.join(), orNone(bytes.join())));
    }

    /**
     * Fields of it, those that are there; empty if it is too large to be read, or written without a pause. Blocks.
     *
     * @throws io.lettuce.core.RedisCommandExecutionException if it is no hash
     */
    static Optional<Map<Bytes, Bytes>> read(
            StatefulRedisConnection<byte[], byte[]> connection, byte[] key, List<byte[]> names) {
        RedisCommands<byte[], byte[]> redis = connection.sync();
        for (int read = 0; read < READS_MAX; read++) {
            if (redis.hlen(key) == 0) {
                return Optional.of(Map.of());
            }
            redis.watch(key);
            Size size = new Size(
                    redis.hlen(key),
                    orNone(redis.dispatch(
                            CommandType.MEMORY, new IntegerOutput<>(ByteArrayCodec.INSTANCE), usage(key))));
            if (size.isTooLarge()) {
                redis.unwatch();
                return Optional.empty();
            }
            redis.multi();
            redis.hmget(key, names.toArray(byte[][]::new));
            TransactionResult found = redis.exec();
            if (!found.wasDiscarded()) {
                return Optional.of(fields(found.get(0)));
            }
        }
        return Optional.empty();
    }

    private static Map<Bytes, Bytes> fields(List<KeyValue<byte[], byte[]>> found) {
        Map<Bytes, Bytes> fields = new HashMap<>();
        found.forEach(field -> field.ifHasValue(value -> fields.put(Bytes.wrap(field.getKey()), Bytes.wrap(value))));
        return fields;
    }

    /** With as many samples as there may be fields, the server counts each of them and does not guess. */
    private static CommandArgs<byte[], byte[]> usage(byte[] key) {
        return new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add("USAGE".getBytes(StandardCharsets.US_ASCII))
                .addKey(key)
                .add("SAMPLES".getBytes(StandardCharsets.US_ASCII))
                .add(FIELDS_MAX);
    }

    /** No such key, no number. */
    private static long orNone(Long bytes) {
        return bytes == null ? 0 : bytes;
    }
}
