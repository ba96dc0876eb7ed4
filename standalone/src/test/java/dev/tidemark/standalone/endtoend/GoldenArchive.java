package dev.tidemark.standalone.endtoend;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.SetArgs;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * An archive of one layout as it was written by the build that introduced it: its objects, their metadata, the time to restore,
 * and what each key held then. Made once, that of layout 1 by {@link #main}, and never again: that later builds restore it is the point.
 */
final class GoldenArchive {
    private static final long FAR_MILLIS = 4_102_444_800_000L;
    private static final String TIME = "time";

    private final Path directory;

    GoldenArchive(Path directory) {
        this.directory = directory;
    }

    Instant time() throws IOException {
        return Instant.parse(Files.readString(directory.resolve(TIME)).strip());
    }

    List<String> expected() throws IOException {
        return Files.readAllLines(directory.resolve("expected"));
    }

    /** Puts every object with its metadata into a bucket. */
    void uploadTo(S3Endpoint endpoint) throws IOException {
        Path objects = directory.resolve("objects");
        Properties metadata = new Properties();
        metadata.load(Files.newBufferedReader(directory.resolve("metadata.properties")));
        try (S3Client s3 = client(endpoint);
                Stream<Path> files = Files.walk(objects)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String key = objects.relativize(file).toString();
                Map<String, String> own = new java.util.HashMap<>();
                metadata.forEach((name, value) -> {
                    if (name.toString().startsWith(key + "#")) {
                        own.put(name.toString().substring(key.length() + 1), value.toString());
                    }
                });
                s3.putObject(put -> put.bucket(endpoint.bucket()).key(key).metadata(own), RequestBody.fromFile(file));
            }
        }
    }

    /** A line for each key: its name, expiry, type and content, all that can be odd in hex. */
    static List<String> contentOf(URI redis) {
        RedisClient client = RedisClient.create(redis.toString());
        try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            List<String> lines = new ArrayList<>();
            for (byte[] key : connection.sync().keys("*")) {
                if (!ReservedKeys.isReserved(Bytes.wrap(key))) {
                    lines.add(line(connection.sync(), key));
                }
            }
            Collections.sort(lines);
            return lines;
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    private static String line(RedisCommands<byte[], byte[]> redis, byte[] key) {
        String type = redis.type(key);
        List<String> content = new ArrayList<>();
        switch (type) {
            case "string" -> content.add(hex(redis.get(key)));
            case "hash" -> redis.hgetall(key).forEach((name, value) -> content.add(hex(name) + "=" + hex(value)));
            case "list" -> redis.lrange(key, 0, -1).forEach(each -> content.add(hex(each)));
            case "set" -> redis.smembers(key).forEach(each -> content.add(hex(each)));
            case "zset" -> {
                for (ScoredValue<byte[]> each : redis.zrangeWithScores(key, 0, -1)) {
                    content.add(hex(each.getValue()) + "@" + each.getScore());
                }
            }
            case "stream" -> {
                for (StreamMessage<byte[], byte[]> each : redis.xrange(key, io.lettuce.core.Range.unbounded())) {
                    each.getBody()
                            .forEach((name, value) -> content.add(each.getId() + ":" + hex(name) + "=" + hex(value)));
                }
            }
            default -> throw new IllegalStateException("no golden key is a " + type);
        }
        if (type.equals("hash") || type.equals("set")) {
            Collections.sort(content);
        }
        return "%s %d %s %s".formatted(hex(key), redis.pexpiretime(key), type, String.join(",", content));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static S3Client client(S3Endpoint endpoint) {
        return S3Client.builder()
                .endpointOverride(endpoint.uri())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(endpoint.accessKey(), endpoint.secretKey())))
                .build();
    }

    /** Makes the golden archive in the directory that is given, with whatever build this is. */
    public static void main(String[] arguments) throws IOException {
        Path golden = Path.of(arguments[0]);
        Path work = Files.createTempDirectory("golden");
        try (RedisServer redis = RedisServer.start();
                Ground ground = Ground.start();
                Deployment deployment =
                        Deployment.start(work, ground, SourceSettings.of("e2e", 2), RedisSettings.at(redis.uri()))) {
            RedisClient client = RedisClient.create(redis.uri().toString());
            try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
                write(connection.sync(), "before the resync");
                deployment.awaitArchived(now(connection.sync()));
                write(connection.sync(), "after it");
                connection.sync().del(key("deleted"));
                // Quiet before the time that is restored: then nothing is inexact, and only one state is right.
                deployment.awaitProtected(now(connection.sync()));
                Instant time = now(connection.sync());
                Files.createDirectories(golden);
                Files.writeString(golden.resolve(TIME), time + "\n");
                Files.write(golden.resolve("expected"), contentOf(redis.uri()));
                connection.sync().set(key("too late"), key("not to be restored"));
                deployment.awaitArchived(now(connection.sync()));
            } finally {
                client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
            }
            deployment.capture.kill();
            deployment.compactor.kill();
            download(ground.s3(), golden);
        }
    }

    private static Instant now(RedisCommands<byte[], byte[]> redis) {
        List<byte[]> time = redis.time();
        return Instant.ofEpochSecond(Long.parseLong(new String(time.get(0), StandardCharsets.US_ASCII)))
                .plus(Long.parseLong(new String(time.get(1), StandardCharsets.US_ASCII)), ChronoUnit.MICROS);
    }

    private static void write(RedisCommands<byte[], byte[]> redis, String text) {
        byte[] odd = new byte[256];
        for (int i = 0; i < odd.length; i++) {
            odd[i] = (byte) i;
        }
        redis.set(odd, odd);
        redis.set(key("string"), key(text));
        redis.set(key("empty"), new byte[0]);
        redis.set(key("deleted"), key(text));
        redis.set(key("volatile"), key(text), SetArgs.Builder.pxAt(FAR_MILLIS + text.length()));
        for (int i = 0; i < 20; i++) {
            redis.hset(key("chunk:" + i), key("chunk_id"), key("c" + i));
            redis.hset(key("chunk:" + i), key("text"), key(text + " größer " + i));
            // A NaN with a payload, -0, a denormal, 1: little endian.
            redis.hset(
                    key("chunk:" + i),
                    key("text_embedding"),
                    HexFormat.of().parseHex("0100c07f" + "00000080" + "01000000" + "0000803f"));
            redis.hset(key("chunk:" + i), odd, odd);
        }
        redis.rpush(key("list"), key(text), odd);
        redis.sadd(key("set"), key(text), odd);
        redis.zadd(key("zset"), text.length(), key(text));
        redis.xadd(key("stream"), new XAddArgs().id("1-" + (100 - text.length())), key("field"), odd);
    }

    static void download(S3Endpoint endpoint, Path golden) throws IOException {
        Properties metadata = new Properties();
        try (S3Client s3 = client(endpoint)) {
            for (S3Object object : s3.listObjectsV2Paginator(list -> list.bucket(endpoint.bucket()))
                    .contents()) {
                Path file = golden.resolve("objects").resolve(object.key());
                Files.createDirectories(file.getParent());
                GetObjectResponse got =
                        s3.getObject(get -> get.bucket(endpoint.bucket()).key(object.key()), file);
                got.metadata().forEach((name, value) -> metadata.setProperty(object.key() + "#" + name, value));
            }
        }
        try (java.io.Writer writer = Files.newBufferedWriter(golden.resolve("metadata.properties"))) {
            metadata.store(writer, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
