package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static dev.tidemark.capture.CaptureFixture.ref;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What may come between two steps of capture's on a real server. The order that a step needs is {@code proof}'s to test. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
@SuppressWarnings("FutureReturnValueIgnored") // Pipelined: what comes after waits for them all.
class InterleavingTest {
    private static final int KEYS_A_ROUND = 2_000;
    /** Some tenths of a second; to read the clock is no use, it stands still while a script runs. */
    private static final String BUSY_FOR_A_WHILE = "local n = 0 for i = 1, 10000000 do n = n + i end return 1";

    /** Pushes of one connection leave in the order of prefixes, and with threads a PONG may overtake them. */
    @Test
    void whateverThreadsAndPrefixesDoToTheOrderOfSignalsNothingIsClaimedTooEarly(KafkaBroker kafka) {
        RedisServer redis =
                RedisServer.start(RedisServer.Options.defaults().withConfig("io-threads 4", "io-threads-do-reads yes"));
        try (CaptureFixture fixture = new CaptureFixture(kafka, redis, direct -> direct)) {
            List<String> prefixes = List.of("a:", "m:", "tide", "zz:");
            fixture.settings = fixture.settings.with(
                    new SourceSettings(fixture.settings.source().name(), CaptureFixture.SHARDS, prefixes, List.of(0)));
            fixture.startAndCover();
            List<String> doubts = fixture.logged.doubts();
            List<String> written = new ArrayList<>();
            for (int round = 0; round < 5; round++) {
                RedisAsyncCommands<String, String> pipelined = fixture.connection.async();
                for (int i = 0; i < KEYS_A_ROUND; i++) {
                    String key = prefixes.get(i % prefixes.size()) + round + ":" + i;
                    pipelined.set(key, "1");
                    written.add(key);
                }
                fixture.awaitTidemarksPast(fixture.redisMicros());

                assertThat(present(fixture.logged.statesBelowTidemarks())).containsAll(written);
            }
            assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        }
    }

    @Test
    void theLastOfALargeAndASmallValueIsTheOneThatStays(CaptureFixture fixture) {
        try (S3Endpoint s3 = S3Endpoint.start();
                StatefulRedisConnection<byte[], byte[]> binary = fixture.client.connect(ByteArrayCodec.INSTANCE)) {
            fixture.keepLargeValuesOn(s3);
            fixture.startAndCover();
            byte[] large = random(1);
            // While it is on its way to S3, it is overtaken.
            try (Injection slow = s3.faults().delay(Duration.ofSeconds(2), S3Requests.puts())) {
                binary.sync().set("shrinks".getBytes(UTF_8), large);
                Await.until(CaptureFixture.SOON, () -> slow.hits() > 0, "the large value is being put");
                fixture.commands.set("shrinks", "small");
                fixture.commands.set("grows", "small");
                binary.sync().set("grows".getBytes(UTF_8), large);
                fixture.awaitTidemarksPast(fixture.redisMicros());
            }

            Map<KeyRef, Value> states = fixture.logged.statesBelowTidemarks();
            assertThat(states.get(ref(Bytes.utf8("shrinks")))).isEqualTo(new Value.Text(Bytes.utf8("small")));
            assertThat(states.get(ref(Bytes.utf8("grows"))))
                    .isInstanceOfSatisfying(
                            Value.Blob.class, blob -> assertThat(blob.length()).isEqualTo(large.length));
        }
    }

    /** Its scan counts, though the key is open already: what was read before may be older than the doubt. */
    @Test
    void aKeyThatIsScannedWhileAnEarlierReadIsUnacknowledgedIsReadOnceMore(CaptureFixture fixture) {
        try (S3Endpoint s3 = S3Endpoint.start();
                StatefulRedisConnection<byte[], byte[]> binary = fixture.client.connect(ByteArrayCodec.INSTANCE)) {
            fixture.keepLargeValuesOn(s3);
            fixture.startAndCover();
            try (Injection slow = s3.faults().delay(Duration.ofSeconds(4), S3Requests.puts())) {
                binary.sync().set("key".getBytes(UTF_8), random(1));
                Await.until(CaptureFixture.SOON, () -> slow.hits() > 0, "the first value is being put");
                // Sent before a watcher can be back: none has seen the second value.
                fixture.killClients(CaptureFixture::tracks);
                fixture.commands.set("key", "second");
                fixture.awaitTidemarksPast(fixture.redisMicros());
            }

            assertThat(fixture.logged.statesBelowTidemarks().get(ref(Bytes.utf8("key"))))
                    .isEqualTo(new Value.Text(Bytes.utf8("second")));
        }
    }

    /** What a node does between two looks at its clients leaves in one push. */
    @Test
    void theBeatsOfBothWatchersInOnePushProveWhatTheyProveApart(CaptureFixture fixture) {
        fixture.startAndCover();
        List<String> doubts = fixture.logged.doubts();
        AtomicInteger together = new AtomicInteger();
        try (StatefulRedisConnection<String, String> listening = fixture.client.connect()) {
            listening.addListener(push -> {
                List<Object> content = push.getContent(StringCodec.UTF8::decodeKey);
                if (content.size() == 2 && content.get(1) instanceof List<?> keys && keys.size() > 1) {
                    together.incrementAndGet();
                }
            });
            listening
                    .sync()
                    .clientTracking(TrackingArgs.Builder.enabled().bcast().prefixes("tidemark:canary:"));
            // While a script runs, one beat waits for the other.
            Await.until(
                    CaptureFixture.SOON,
                    () -> {
                        fixture.commands.eval(BUSY_FOR_A_WHILE, ScriptOutputType.INTEGER);
                        return together.get() > 1;
                    },
                    "both canaries are in one push");
        }
        fixture.commands.set("after", "1");
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(present(fixture.logged.statesBelowTidemarks())).contains("after");
        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
    }

    /** HGETALL does not tell of it, and whoever read just before would keep a hash whose fields never expire. */
    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void fieldsThatGetAnExpiryWhileTheirHashIsReadAreKnownToExpire(MatrixServer server, KafkaBroker kafka) {
        assumeTrue(server.isHere(), server::whyNot);
        RedisServer redis = RedisServer.start(server.options());
        try (CaptureFixture fixture = new CaptureFixture(kafka, redis, direct -> direct)) {
            assumeTrue(fixture.knows("HPEXPIRE"), () -> server + " has no fields that expire");
            fixture.startAndCover();
            RedisAsyncCommands<String, String> pipelined = fixture.connection.async();
            for (int i = 0; i < KEYS_A_ROUND; i++) {
                pipelined.hset("h:" + i, "f", "1");
                if (i >= 50) {
                    pipelined.hpexpire("h:" + (i - 50), Duration.ofHours(1), "f");
                }
            }
            fixture.awaitTidemarksPast(fixture.redisMicros());

            Map<KeyRef, Value> states = fixture.logged.statesBelowTidemarks();
            assertThat(IntStream.range(0, KEYS_A_ROUND - 50).mapToObj(i -> states.get(ref(Bytes.utf8("h:" + i)))))
                    .allMatch(Value.Opaque.class::isInstance);
        }
    }

    private static byte[] random(long seed) {
        byte[] bytes = new byte[5_000_000];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
