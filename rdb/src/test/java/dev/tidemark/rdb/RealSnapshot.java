package dev.tidemark.rdb;

import dev.tidemark.schemas.redis.RedisAddress;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.servers.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/** A server with a key of every type it has, and the snapshot that it wrote of them. */
final class RealSnapshot implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RedisServer server;
    private final RedisSocket redis;

    RealSnapshot(RedisServer server) throws IOException {
        this.server = server;
        this.redis = RedisSocket.open(
                new RedisAddress(
                        "127.0.0.1",
                        server.port(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        PATIENCE,
                        PATIENCE),
                0);
    }

    /** Of every type and size class; a command that this server does not know is left out. */
    void fill() throws IOException {
        write("SET", "number", "12345");
        write("SET", "negative", "-7");
        write("SET", "wide", "2147483647");
        write("SET", "compressed", "ab".repeat(4_000));
        write("SET", "a".repeat(40), "a key that is compressed");
        write("SET", "expiring", "soon", "PX", "987654321");
        write(utf8("SET"), new byte[] {0, (byte) 0xff, '\n'}, new byte[] {0, 1, 2, (byte) 200});
        write(utf8("SET"), utf8("noise"), noise(70_000));
        write(utf8("SET"), utf8("larger-than-the-buffer"), noise(900_000));
        for (int i = 0; i < 600; i++) {
            write("RPUSH", "long-list", "element-" + i);
            write("SADD", "large-set", "member-" + i);
            write("SADD", "numbers", Integer.toString(i));
            write("HSET", "large-hash", "field-" + i, "value-" + i);
            write("ZADD", "large-zset", i + ".25", "member-" + i);
            write("XADD", "stream", "*", "field", "value-" + i);
        }
        write("RPUSH", "list", "one", "2", "-300");
        write("RPUSH", "list-of-large", "x".repeat(9_000), "y");
        write("SADD", "set", "a", "b");
        write("HSET", "hash", "a", "1", "b", "two");
        write("ZADD", "zset", "1", "a", "-inf", "b");
        write("XADD", "stream-alone", "1-1", "a", "b");
        write("XGROUP", "CREATE", "stream", "group", "0");
        write("XREADGROUP", "GROUP", "group", "consumer", "COUNT", "5", "STREAMS", "stream", ">");
        write("XGROUP", "CREATECONSUMER", "stream", "group", "idle");
        write("XDEL", "stream-alone", "1-1");
        write("PFADD", "hyperloglog", "a", "b", "c");
        write("SETBIT", "bits", "1000", "1");
        write("HSET", "hash-of-expiring", "a", "1", "b", "2");
        write("HPEXPIRE", "hash-of-expiring", "87654321", "FIELDS", "1", "a");
        for (int i = 0; i < 600; i++) {
            write("HSET", "large-hash-of-expiring", "field-" + i, "value-" + i);
        }
        write("HPEXPIRE", "large-hash-of-expiring", "87654321", "FIELDS", "2", "field-3", "field-4");
        write("VADD", "vectors", "VALUES", "3", "0.5", "1", "-2", "element", "SETATTR", "{\"a\":1}");
        write("FUNCTION", "LOAD", "#!lua name=mylib\nredis.register_function('f', function() return 1 end)");
        write("SELECT", "3");
        write("SET", "elsewhere", "x");
        write("SELECT", "0");
    }

    /** Few bytes with something of everything. */
    void fillSparsely() throws IOException {
        write("SET", "number", "12345");
        write("SET", "a".repeat(40), "b".repeat(40), "PX", "987654321");
        write("RPUSH", "list", "one", "2");
        write("SADD", "set", "a", "b");
        write("HSET", "hash", "a", "1", "b", "two");
        write("ZADD", "zset", "1", "a");
        write("XADD", "stream", "1-1", "a", "b");
        write("XGROUP", "CREATE", "stream", "group", "0");
        write("XREADGROUP", "GROUP", "group", "consumer", "STREAMS", "stream", ">");
        write("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1 end)");
    }

    /** As the server tells it. */
    byte[] dump(int db, byte[] key) throws IOException {
        select(db);
        redis.send(utf8("DUMP"), key);
        ByteArrayOutputStream dump = new ByteArrayOutputStream();
        redis.bulk(dump);
        return dump.toByteArray();
    }

    void select(int db) throws IOException {
        redis.call("SELECT", Integer.toString(db));
    }

    long number(String... words) throws IOException {
        return Long.parseLong(redis.call(words));
    }

    byte[] save() throws IOException {
        redis.call("SAVE");
        return Files.readAllBytes(server.directory().resolve("dump.rdb"));
    }

    private void write(String... words) throws IOException {
        write(Arrays.stream(words).map(RealSnapshot::utf8).toArray(byte[][]::new));
    }

    private void write(byte[]... words) throws IOException {
        redis.send(words);
        // Whatever it says: not every server has every type.
        redis.skip();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        return noise;
    }

    @Override
    public void close() {
        redis.close();
        server.close();
    }
}
