package dev.tidemark.restorer;

import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads and fills a real Redis, in the plainest way there is. */
final class RedisContent implements AutoCloseable {
    private static final int DATABASES = 16;

    private final RedisClient client;
    private final RedisCommands<byte[], byte[]> redis;

    RedisContent(URI uri) {
        client = RedisClient.create(uri.toString());
        client.setOptions(ClientOptions.builder().autoReconnect(false).build());
        redis = client.connect(ByteArrayCodec.INSTANCE).sync();
    }

    RedisCommands<byte[], byte[]> redis() {
        return redis;
    }

    /** Asks a server one thing. */
    static <T> T ask(RedisServer server, Function<RedisCommands<byte[], byte[]>, T> question) {
        try (RedisContent content = new RedisContent(server.uri())) {
            return question.apply(content.redis());
        }
    }

    /** Lists, sets, sorted sets and streams, small and large, as DUMP gives them. */
    List<Value> dumps() {
        List<byte[]> keys = new ArrayList<>();
        for (int size : new int[] {3, 600}) {
            String number = Integer.toString(size);
            for (int i = 0; i < size; i++) {
                redis.rpush(bytes("list" + number), bytes("element " + i));
                redis.sadd(bytes("set" + number), bytes("member " + i));
                redis.sadd(bytes("intset" + number), bytes(Integer.toString(i * 70_000)));
                redis.zadd(bytes("zset" + number), i / 3.0, bytes("member " + i));
                redis.xadd(bytes("stream" + number), Map.of(bytes("field"), bytes("value " + i)));
            }
            redis.rpush(bytes("big" + number), new byte[20_000], bytes("x".repeat(5_000)));
            for (String type : List.of("list", "set", "intset", "zset", "stream", "big")) {
                keys.add(bytes(type + number));
            }
        }
        return keys.stream()
                .map(key -> (Value) new Value.Opaque(redis.type(key), Bytes.wrap(redis.dump(key))))
                .toList();
    }

    /** Every key that is there; opaque ones as what their type is made of, which DUMP does not give the same twice. */
    Map<Name, Object> read() {
        return read(DATABASES);
    }

    /** The same of the first so many databases; a node of a Cluster has one. */
    Map<Name, Object> read(int databases) {
        Map<Name, Object> found = new HashMap<>();
        for (int db = 0; db < databases; db++) {
            if (databases > 1) {
                redis.select(db);
            }
            for (byte[] key : redis.keys("*")) {
                long expiry = redis.pexpiretime(key);
                found.put(
                        new Name(db, Bytes.wrap(key)),
                        List.of(content(key), expiry < 0 ? OptionalLong.empty() : OptionalLong.of(expiry)));
            }
        }
        if (databases > 1) {
            redis.select(0);
        }
        return found;
    }

    /** What {@link #read} should find; dumps are restored here first to be read alike. */
    Map<Name, Object> asRead(Map<Name, State> states) {
        Map<Name, Object> expected = new HashMap<>();
        states.forEach((name, state) -> expected.put(name, List.of(content(state.value()), state.expireAtMillis())));
        return expected;
    }

    private Object content(Value value) {
        if (value instanceof Value.Text text) {
            return text.bytes();
        }
        if (value instanceof Value.Hash hash) {
            return hash.fields().stream().collect(Collectors.toMap(Field::name, Field::value));
        }
        byte[] key = bytes("scratch");
        redis.del(key);
        redis.restore(key, 0, ((Value.Opaque) value).dump().array());
        Object content = content(key);
        redis.del(key);
        return content;
    }

    private Object content(byte[] key) {
        return switch (redis.type(key)) {
            case "string" -> Bytes.wrap(redis.get(key));
            case "hash" ->
                redis.hgetall(key).entrySet().stream()
                        .collect(Collectors.toMap(
                                each -> Bytes.wrap(each.getKey()), each -> Bytes.wrap(each.getValue())));
            case "list" -> redis.lrange(key, 0, -1).stream().map(Bytes::wrap).toList();
            case "set" -> redis.smembers(key).stream().map(Bytes::wrap).sorted().toList();
            case "zset" ->
                redis.zrangeWithScores(key, 0, -1).stream()
                        .map(each -> List.of(Bytes.wrap(each.getValue()), each.getScore()))
                        .toList();
            case "stream" ->
                redis.xrange(key, io.lettuce.core.Range.unbounded()).stream()
                        .map(each -> each.getId()
                                + each.getBody().values().stream()
                                        .map(Bytes::wrap)
                                        .map(Bytes::toHex)
                                        .toList())
                        .toList();
            default -> throw new IllegalStateException(redis.type(key));
        };
    }

    static byte[] bytes(String text) {
        return Bytes.utf8(text).array();
    }

    @Override
    public void close() {
        client.shutdown(java.time.Duration.ZERO, java.time.Duration.ofSeconds(1));
    }
}
