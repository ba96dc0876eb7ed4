package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Spool;
import dev.tidemark.capture.LargeValues.Node;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Encoding;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Requests;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeValuesTest {
    /** Redis takes no more than 512; that much is a minute's work on a busy machine. */
    private static final long LARGE_MIB = Long.getLong("tidemark.large-mib", 160);

    private static final byte[] KEY = {'l', 0, '\n', (byte) 0xff};
    private static final KeyRef REF = new KeyRef(0, Bytes.wrap(KEY));

    private static RedisServer server;
    private static S3Endpoint s3;
    private static RedisClient client;
    private static RedisCommands<byte[], byte[]> redis;
    private static String runId;

    @TempDir
    Path spool;

    private Archive archive;
    private LargeValues values;

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        s3 = S3Endpoint.start();
        client = RedisClient.create(server.uri().toString());
        redis = client.connect(ByteArrayCodec.INSTANCE).sync();
        runId = redis.info("server")
                .lines()
                .filter(line -> line.startsWith("run_id:"))
                .map(line -> line.substring("run_id:".length()))
                .findFirst()
                .orElseThrow();
    }

    @AfterAll
    static void stop() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        server.close();
        s3.close();
    }

    @BeforeEach
    void open() {
        redis.flushall();
        archive = Archive.open(settings(s3), "large");
        values = new LargeValues(RedisSettings.at(server.uri()), capture(1L << 30), archive);
    }

    @AfterEach
    void close() {
        values.close();
        s3.faults().clear();
        archive.close();
    }

    @Test
    void aStringIsOnS3WhenItsOutcomeComes() throws Exception {
        byte[] content = new byte[20 << 20];
        new Random(1).nextBytes(content);
        redis.set(KEY, content);
        redis.pexpireat(KEY, 4_102_444_800_123L);

        LargeValue.State state = (LargeValue.State) read(REF, "string");

        assertThat(Duration.between(RedisTime.instant(state.timeMicros()), Instant.now())
                        .abs())
                .isLessThan(Duration.ofSeconds(30));
        assertThat(state.expireAtMillis()).isEqualTo(OptionalLong.of(4_102_444_800_123L));
        Blob blob = (Blob) state.value();
        assertThat(blob.encoding()).isEqualTo(Encoding.RAW);
        assertThat(blob.day()).isEqualTo(LocalDate.ofInstant(RedisTime.instant(state.timeMicros()), ZoneOffset.UTC));
        assertThat(fetched(blob)).isEqualTo(content);
        try (Stream<Path> left = Files.list(spool)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void anyOtherTypeIsItsDump() throws Exception {
        Object[] scoresAndMembers = new Object[100_000];
        for (int i = 0; i < scoresAndMembers.length; i += 2) {
            scoresAndMembers[i] = (double) i;
            scoresAndMembers[i + 1] = key("member " + i);
        }
        redis.zadd(KEY, scoresAndMembers);
        byte[] dump = redis.dump(KEY);

        Blob blob = (Blob) ((LargeValue.State) read(REF, "zset")).value();

        assertThat(blob.type()).isEqualTo("zset");
        assertThat(blob.encoding()).isEqualTo(Encoding.DUMP);
        assertThat(fetched(blob)).isEqualTo(dump);
    }

    @Test
    void aKeyThatIsGoneIsAbsentAndOneOfAnotherTypeIsSaidToBe() throws Exception {
        assertThat(((LargeValue.State) read(REF, "string")).value()).isEqualTo(new Value.Absent());
        assertThat(((LargeValue.State) read(REF, "hash")).value()).isEqualTo(new Value.Absent());

        redis.rpush(KEY, key("element"));
        assertThat(read(REF, "string")).isEqualTo(new LargeValue.OtherType("list"));
        redis.set(key("text"), key("text"));
        assertThat(read(new KeyRef(0, Bytes.utf8("text")), "list")).isEqualTo(new LargeValue.OtherType("string"));
    }

    @Test
    void databasesAreKeptApart() throws Exception {
        redis.select(3);
        redis.set(KEY, key("in 3"));
        redis.select(0);

        Blob blob = (Blob) ((LargeValue.State) read(new KeyRef(3, REF.key()), "string")).value();

        assertThat(fetched(blob)).isEqualTo(key("in 3"));
    }

    @Test
    void anotherServerThanTheWatchedOneIsNotRead() throws Exception {
        redis.set(KEY, key("text"));

        LargeValue outcome = read(new Node("127.0.0.1", server.port(), "0".repeat(40)), REF, "string");

        assertThat(outcome).isInstanceOfSatisfying(LargeValue.Failed.class, failed -> assertThat(failed.why())
                .contains("run id"));
    }

    @Test
    void itLogsInAsTheUserThatIsSet() throws Exception {
        redis.set(KEY, key("text"));
        server.aclUser("reader", "right", "~*", "+@all");

        assertThat(readAs("reader", "right")).isInstanceOf(LargeValue.State.class);
        assertThat(readAs("reader", "wrong"))
                .isEqualTo(new LargeValue.Failed("Redis refused to tell a large value: WRONGPASS"));
    }

    private LargeValue readAs(String user, String password) throws Exception {
        RedisSettings secured = RedisSettings.at(server.uri()).as(user, Secret.of(password));
        try (LargeValues its = new LargeValues(secured, capture(1L << 30), archive)) {
            CompletableFuture<LargeValue> outcome = new CompletableFuture<>();
            its.read(node(), REF, "string", outcome::complete);
            return outcome.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aStoreThatRefusesIsAFailureAndTheNextTryMaySucceed() throws Exception {
        redis.set(KEY, new byte[9 << 20]);
        s3.faults().failNext(1_000, 403, S3Requests.all());

        assertThat(read(REF, "string")).isInstanceOf(LargeValue.Failed.class);
        s3.faults().clear();

        assertThat(read(REF, "string")).isInstanceOf(LargeValue.State.class);
    }

    @Test
    void aConnectionLostInTheMiddleIsAFailure() throws Exception {
        redis.set(KEY, new byte[30 << 20]);
        try (FaultProxy proxy = FaultProxy.before(server)) {
            proxy.bandwidth(4 << 20);
            CompletableFuture<LargeValue> outcome = new CompletableFuture<>();
            values.read(new Node("127.0.0.1", proxy.port(), runId), REF, "string", outcome::complete);
            dev.tidemark.servers.Await.until(Duration.ofSeconds(60), () -> proxy.connections() > 0, "it is connected");

            proxy.cut();

            assertThat(outcome.get(60, TimeUnit.SECONDS)).isInstanceOf(LargeValue.Failed.class);
        }
    }

    @Test
    void itTakesNoMoreOfTheLinkThanGranted() throws Exception {
        redis.set(KEY, new byte[3 << 20]);
        try (LargeValues slow = new LargeValues(RedisSettings.at(server.uri()), capture(1 << 20), archive)) {
            long began = System.nanoTime();
            CompletableFuture<LargeValue> outcome = new CompletableFuture<>();
            slow.read(node(), REF, "string", outcome::complete);

            assertThat(outcome.get(60, TimeUnit.SECONDS)).isInstanceOf(LargeValue.State.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(2_900));
        }
    }

    @Test
    void everyReadHasItsOutcomeWhenItIsClosed() throws Exception {
        redis.set(KEY, new byte[8 << 20]);
        LargeValues slow = new LargeValues(RedisSettings.at(server.uri()), capture(1 << 20), archive);
        List<CompletableFuture<LargeValue>> outcomes =
                Stream.generate(CompletableFuture<LargeValue>::new).limit(5).toList();
        outcomes.forEach(outcome -> slow.read(node(), REF, "string", outcome::complete));

        slow.close();

        for (CompletableFuture<LargeValue> outcome : outcomes) {
            assertThat(outcome.get(60, TimeUnit.SECONDS)).isInstanceOf(LargeValue.Failed.class);
        }
    }

    @Test
    void aStringOfManyTimesTheHeapFitsInASmallHeap() throws Exception {
        // Zeroes, but for the last byte: Redis makes them out of nothing, and every one is read.
        redis.setrange(KEY, (LARGE_MIB << 20) - 1, key("x"));

        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeap.class.getName(),
                        Integer.toString(server.port()),
                        runId,
                        s3.uri().toString(),
                        s3.bucket(),
                        s3.accessKey(),
                        s3.secretKey(),
                        REF.key().toHex(),
                        spool.toString())
                .redirectErrorStream(true)
                .redirectOutput(spool.resolve("child.log").toFile())
                .start();
        try {
            assertThat(child.waitFor(200, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue())
                    .as(Files.readString(spool.resolve("child.log")))
                    .isZero();
            assertThat(Files.readString(spool.resolve("child.log")))
                    .contains((LARGE_MIB << 20) + " bytes, missing: []");
        } finally {
            child.destroyForcibly();
        }
    }

    /** A capture's JVM in miniature. */
    static final class SmallHeap {
        public static void main(String[] arguments) throws Exception {
            S3Settings s3 = S3Settings.at(
                    java.net.URI.create(arguments[2]), arguments[3], arguments[4], Secret.of(arguments[5]));
            try (Archive archive = Archive.open(s3, "large");
                    LargeValues values = new LargeValues(
                            RedisSettings.at(java.net.URI.create("redis://127.0.0.1:" + arguments[0])),
                            capture(1L << 30, Path.of(arguments[7])),
                            archive)) {
                CompletableFuture<LargeValue> outcome = new CompletableFuture<>();
                KeyRef ref = new KeyRef(0, Bytes.wrap(java.util.HexFormat.of().parseHex(arguments[6])));
                values.read(
                        new Node("127.0.0.1", Integer.parseInt(arguments[0]), arguments[1]),
                        ref,
                        "string",
                        outcome::complete);
                if (!(outcome.get() instanceof LargeValue.State state)) {
                    throw new IllegalStateException(outcome.get().toString());
                }
                Blob blob = (Blob) state.value();
                System.out.println(blob.length() + " bytes, missing: " + archive.missing(List.of(blob)));
            }
        }
    }

    private LargeValue read(KeyRef ref, String type) throws Exception {
        return read(node(), ref, type);
    }

    private LargeValue read(Node node, KeyRef ref, String type) throws Exception {
        CompletableFuture<LargeValue> outcome = new CompletableFuture<>();
        values.read(node, ref, type, outcome::complete);
        return outcome.get(60, TimeUnit.SECONDS);
    }

    private static Node node() {
        return new Node("127.0.0.1", server.port(), runId);
    }

    private byte[] fetched(Blob blob) throws IOException {
        try (Spool copy = archive.fetch(blob, spool)) {
            return copy.open(0, copy.sizeBytes()).readAllBytes();
        }
    }

    private CaptureSettings capture(long bytesPerSecond) {
        return capture(bytesPerSecond, spool);
    }

    private static CaptureSettings capture(long bytesPerSecond, Path spool) {
        CaptureSettings defaults = CaptureSettings.defaults();
        return new CaptureSettings(
                defaults.barrierInterval(),
                defaults.openBytesMax(),
                defaults.readsInFlightMax(),
                defaults.bytesInFlightMax(),
                defaults.inlineBytesMax(),
                spool,
                bytesPerSecond,
                defaults.resyncKeysPerSecond(),
                defaults.resyncBytesPerSecond(),
                defaults.resyncInterval());
    }

    private static S3Settings settings(S3Endpoint s3) {
        return S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
