package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.capture.KeyReader.Outcome;
import dev.tidemark.capture.KeyReader.Shape;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeyReaderTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final long VALUE_BYTES_MAX = 10_000;
    private static final String LARGE = "x".repeat(30_000);

    private final Mailbox mailbox = new Mailbox();
    private final ValuesInFlight inFlight = new ValuesInFlight(1 << 20);
    private final List<Outcome> outcomes = new ArrayList<>();
    private RedisServer server;
    private RedisClient client;
    private RedisCommands<String, String> redis;
    private RedisServers servers;
    private KeyReader reader;

    private void start(RedisServer started, ValuesInFlight bound) {
        server = started;
        client = RedisClient.create(server.uri().toString());
        redis = client.connect().sync();
        servers = new RedisServers(RedisSettings.at(server.uri()), Clock.systemUTC());
        String runId = redis.info("server").replaceAll("(?s).*run_id:(\\w+).*", "$1");
        reader = new KeyReader(
                servers.at(servers.configured().get(0)).address(SOON),
                false,
                List.of(0),
                runId,
                VALUE_BYTES_MAX,
                bound,
                mailbox);
    }

    @AfterEach
    void end() {
        reader.close();
        servers.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        server.close();
    }

    @Test
    void readsWhatIsThereAndSaysWhatItIsNot() {
        start(RedisServer.start(), inFlight);
        redis.hset("hash", Map.of("a", "1"));
        redis.pexpireat("hash", 4_000_000_000_123L);
        redis.set("string", "");
        redis.rpush("list", "a");

        assertThat(read(Shape.HASH, "hash", "string", "list", "none"))
                .satisfiesExactly(
                        hash -> {
                            assertThat(value(hash)).isEqualTo(new Value.Hash(List.of(field("a", "1"))));
                            assertThat(((Outcome.State) hash).expireAtMillis())
                                    .isEqualTo(OptionalLong.of(4_000_000_000_123L));
                        },
                        string -> assertThat(string).isEqualTo(new Outcome.WrongShape()),
                        list -> assertThat(list).isEqualTo(new Outcome.WrongShape()),
                        none -> assertThat(value(none)).isEqualTo(new Value.Absent()));
        assertThat(read(Shape.STRING, "hash", "string", "list", "none"))
                .satisfiesExactly(
                        hash -> assertThat(hash).isEqualTo(new Outcome.WrongShape()),
                        string -> assertThat(value(string)).isEqualTo(new Value.Text(Bytes.empty())),
                        list -> assertThat(list).isEqualTo(new Outcome.WrongShape()),
                        none -> assertThat(value(none)).isEqualTo(new Value.Absent()));
        assertThat(read(Shape.OTHER, "list", "hash"))
                .satisfiesExactly(
                        list -> assertThat(((Value.Opaque) value(list)).type()).isEqualTo("list"),
                        hash -> assertThat(hash).isEqualTo(new Outcome.OtherShape(Shape.HASH)));
    }

    /** Expiries are not asked for while nothing expires: the first that does must not be taken for a key without one. */
    @Test
    void readsTheFirstExpiryThatThereIs() {
        start(RedisServer.start(), inFlight);
        String[] keys = new String[200];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "key-" + i;
            redis.hset(keys[i], Map.of("a", "1"));
        }

        assertThat(read(Shape.HASH, keys)).extracting(KeyReaderTest::expiry).containsOnly(OptionalLong.empty());
        // In the first batch, which is sent before anything could be known.
        redis.pexpireat("key-7", 4_000_000_000_123L);
        assertThat(read(Shape.HASH, keys))
                .extracting(KeyReaderTest::expiry)
                .containsOnlyOnce(OptionalLong.of(4_000_000_000_123L));
    }

    @Test
    void isNotHungUpOnByAServerThatMindsSilence() throws InterruptedException {
        start(RedisServer.start(RedisServer.Options.defaults().withConfig("timeout 2")), inFlight);
        redis.set("string", "1");
        assertThat(read(Shape.STRING, "string")).hasOnlyElementsOfType(Outcome.State.class);

        Thread.sleep(5_000);

        assertThat(read(Shape.STRING, "string")).hasOnlyElementsOfType(Outcome.State.class);
    }

    private static OptionalLong expiry(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.State.class);
        return ((Outcome.State) outcome).expireAtMillis();
    }

    @Test
    void keepsNothingOfAValueThatIsTooLargeAndGoesOnBehindIt() {
        start(RedisServer.start(), inFlight);
        redis.hset("one large field", Map.of("a", LARGE));
        for (int i = 0; i < 2_000; i++) {
            redis.hset("many fields", "field" + i, "1");
        }
        redis.hset("hash", Map.of("a", "1"));
        redis.set("large string", LARGE);
        redis.set("string", "1");

        assertThat(read(Shape.HASH, "one large field", "many fields", "hash"))
                .satisfiesExactly(
                        large -> assertThat(large).isEqualTo(new Outcome.TooLarge("hash")),
                        many -> assertThat(many).isEqualTo(new Outcome.TooLarge("hash")),
                        hash -> assertThat(value(hash)).isEqualTo(new Value.Hash(List.of(field("a", "1")))));
        assertThat(read(Shape.STRING, "large string", "string"))
                .satisfiesExactly(
                        large -> assertThat(large).isEqualTo(new Outcome.TooLarge("string")),
                        string -> assertThat(value(string)).isEqualTo(new Value.Text(Bytes.utf8("1"))));
        assertThat(inFlight.bytes()).as("what was too large is not held").isLessThan(1_000);
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void readsAFullServerThatEvictsNothing(MatrixServer matrix) {
        assumeTrue(matrix.isHere(), matrix::whyNot);
        start(RedisServer.start(matrix.options()), inFlight);
        redis.hset("hash", Map.of("a", "1"));
        redis.pexpireat("hash", 4_000_000_000_123L);
        redis.rpush("list", "a");
        redis.configSet("maxmemory", "1");

        assertThat(read(Shape.HASH, "hash", "none", "list"))
                .satisfiesExactly(
                        hash -> {
                            assertThat(value(hash)).isEqualTo(new Value.Hash(List.of(field("a", "1"))));
                            assertThat(((Outcome.State) hash).expireAtMillis())
                                    .isEqualTo(OptionalLong.of(4_000_000_000_123L));
                        },
                        none -> assertThat(value(none)).isEqualTo(new Value.Absent()),
                        list -> assertThat(list).isEqualTo(new Outcome.WrongShape()));
        assertThat(read(Shape.OTHER, "list")).satisfiesExactly(list -> assertThat(value(list))
                .isEqualTo(new Value.Opaque("list", Bytes.wrap(dump("list")))));
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void readsHashesByDumpWhereFieldsExpire(MatrixServer matrix) {
        assumeTrue(matrix.isHere(), matrix::whyNot);
        start(RedisServer.start(matrix.options()), inFlight);
        redis.hset("hash", Map.of("a", "1"));
        redis.hset("expiring", Map.of("a", "1", "b", "2"));
        assumeThat(redis.info("server"))
                .as("fields do not expire before 7.4")
                .containsPattern("redis_version:(7\\.4|8)");

        assertThat(read(Shape.HASH, "hash"))
                .allSatisfy(hash -> assertThat(value(hash)).isInstanceOf(Value.Hash.class));
        redis.hpexpire("expiring", Duration.ofHours(1), "a");
        assertThat(read(Shape.HASH, "hash", "expiring")).containsOnly(new Outcome.OtherShape(Shape.OTHER));
        assertThat(read(Shape.OTHER, "hash", "expiring"))
                .extracting(KeyReaderTest::value)
                .containsExactly(
                        new Value.Opaque("hash", Bytes.wrap(dump("hash"))),
                        new Value.Opaque("hash", Bytes.wrap(dump("expiring"))));
    }

    @Test
    void stopsReadingWhileTooMuchIsInFlight() throws InterruptedException {
        ValuesInFlight little = new ValuesInFlight(20_000);
        start(RedisServer.start(), little);
        int keys = 50;
        for (int i = 0; i < keys; i++) {
            redis.set("key-" + i, "x".repeat(9_000));
            reader.read(ref("key-" + i), Shape.STRING, outcomes::add);
        }

        reader.flush();
        await(3);
        mailbox.deliver(200, 1_000);

        assertThat(outcomes).as("two and the one that passed the bound").hasSize(3);
        int released = 0;
        while (outcomes.size() < keys) {
            assertThat(little.bytes()).isLessThan(20_000 + 2 * 9_200);
            little.released(ValuesInFlight.sizeOf(value(outcomes.get(released++))));
            mailbox.deliver(20, 1_000);
        }
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(value(outcome).sizeBytes()).isEqualTo(9_000));
    }

    /** Whatever is asked for at once lies in the server's memory until we take it, and nothing bounds that but how we ask. */
    @Test
    void theServerHoldsFewLargeValuesForUsAtATime() {
        start(RedisServer.start(), new ValuesInFlight(1));
        redis.set("small", "1");
        String large = "x".repeat(3 << 20);
        IntStream.range(0, 40).forEach(i -> redis.set("large-" + i, large));
        // Nobody releases it, so nothing that is asked for later is taken.
        assertThat(read(Shape.STRING, "small")).hasSize(1);
        redis.configResetstat();

        IntStream.range(0, 40).forEach(i -> reader.read(ref("large-" + i), Shape.STRING, outcomes::add));
        reader.flush();
        Await.until(SOON, () -> redis.info("commandstats").contains("cmdstat_exec"), "the server answers");

        assertThat(heldForUs()).isLessThan(20L << 20);
    }

    /** Bytes in the output buffers of our connections, by the server's own account. */
    private long heldForUs() {
        return redis.clientList()
                .lines()
                .filter(CaptureFixture::isCapture)
                .mapToLong(line -> Long.parseLong(line.replaceAll(".* omem=(\\d+) .*", "$1")))
                .sum();
    }

    /** Else large values that come after many small ones are all asked for before the first of them is known. */
    @Test
    void oneLargeValueMakesTheNextBeAskedForOneByOne() {
        start(RedisServer.start(), inFlight);
        redis.set("small", "1");
        redis.set("large", LARGE);
        String[] small = new String[500];
        Arrays.fill(small, "small");
        read(Shape.STRING, small);
        redis.configResetstat();
        read(Shape.STRING, small);
        long together = execs();

        read(Shape.STRING, "large");
        redis.configResetstat();
        read(Shape.STRING, Arrays.copyOf(small, 20));

        assertThat(together).as("transactions for 500 small values").isLessThan(50);
        assertThat(execs()).as("transactions for 20 keys").isEqualTo(20);
    }

    private long execs() {
        return Long.parseLong(redis.info("commandstats").replaceAll("(?s).*cmdstat_exec:calls=(\\d+),.*", "$1"));
    }

    @Test
    void everyReadHasOneOutcomeWhenTheConnectionBreaks() {
        start(RedisServer.start(), inFlight);
        redis.hset("hash", Map.of("a", "1"));
        for (int i = 0; i < 500; i++) {
            reader.read(ref("hash"), Shape.HASH, outcomes::add);
            if (i % 100 == 99) {
                reader.flush();
            }
            if (i == 250) {
                redis.clientKill(KillArgs.Builder.typeNormal().skipme());
            }
        }

        await(500);
        assertThat(reader.alive()).isFalse();
        reader.read(ref("hash"), Shape.HASH, outcomes::add);
        reader.flush();
        await(501);
        assertThat(outcomes.get(500)).isInstanceOf(Outcome.Failed.class);
    }

    private List<Outcome> read(Shape shape, String... keys) {
        outcomes.clear();
        for (String key : keys) {
            reader.read(ref(key), shape, outcomes::add);
        }
        reader.flush();
        await(keys.length);
        return List.copyOf(outcomes);
    }

    private void await(int count) {
        Await.until(
                SOON,
                () -> {
                    deliver();
                    return outcomes.size() >= count;
                },
                count + " outcomes");
        assertThat(outcomes).hasSize(count);
    }

    private void deliver() {
        try {
            mailbox.deliver(10, 1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] dump(String key) {
        return redis.dump(key);
    }

    private static Value value(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.State.class);
        return ((Outcome.State) outcome).value();
    }

    private static Value.Field field(String name, String value) {
        return new Value.Field(Bytes.utf8(name), Bytes.utf8(value));
    }

    private static KeyRef ref(String key) {
        return new KeyRef(0, Bytes.utf8(key));
    }
}
