package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.capture.proof.BeatReply;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a stranger writes to a canary never comes to us in bulk, whether a beat is a transaction or a script. */
class FilledCanaryTest {
    private static final long NOW = 1_000_000_000_000L;
    private static final int LARGE_BYTES = 8 << 20;

    /** The statistics of a server take some ten thousand. */
    private static final long ANSWERS_BYTES_MAX = 100_000;

    private final RedisServer server = RedisServer.start();
    private final RedisClient client = RedisClient.create(server.uri().toString());
    private final StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
    private final StatefulRedisConnection<byte[], byte[]> stranger = client.connect(ByteArrayCodec.INSTANCE);
    private final Canary canary = settle();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private Runnable beforeTheTransaction = () -> {};
    private final BeatLine beats = new BeatLine(
            connection,
            NodeAddress.parse("127.0.0.1:1"),
            false,
            canary,
            NOW,
            measured -> {
                beforeTheTransaction.run();
                measured.run();
            },
            new Heard());

    @BeforeEach
    void beatOnce() throws InterruptedException {
        assertThat(beat(1)).isEqualTo("beat");
    }

    @AfterEach
    void close() {
        client.shutdown();
        server.close();
    }

    @Test
    void aFieldOfAStrangerIsReadBack() throws InterruptedException {
        stranger.sync().hset(canary.key(), ascii("job"), ascii("1"));

        assertThat(beat(2)).isEqualTo("beat, with what is foreign");
    }

    @Test
    void oneLargeFieldIsToldAndNotRead() throws InterruptedException {
        stranger.sync().hset(canary.key(), ascii("job"), new byte[LARGE_BYTES]);

        assertThatABeatIsRefusedWithoutReading("somebody filled the canary tidemark:canary:rag:");
    }

    @Test
    void aFieldOfOursThatBecameLargeIsToldAndNotRead() throws InterruptedException {
        stranger.sync().hset(canary.key(), ascii("n"), new byte[LARGE_BYTES]);

        assertThatABeatIsRefusedWithoutReading("somebody filled the canary tidemark:canary:rag:");
    }

    @Test
    void manyFieldsAreToldAndNotRead() throws InterruptedException {
        fillWithManyFields();

        assertThatABeatIsRefusedWithoutReading("it takes 100005 fields and ");
    }

    @Test
    void neitherAreTheyWhereMemoryIsFull() throws InterruptedException {
        fillWithManyFields();
        stranger.sync().configSet("maxmemory", "1");

        assertThatABeatIsRefusedWithoutReading("it takes 100005 fields and ");
    }

    /** Filled when it had been measured; the transaction fits still, and as a script it would too. */
    @Test
    void whatIsFilledInTheLastMomentIsNotReadEither() throws InterruptedException {
        beforeTheTransaction = () -> stranger.sync().hset(canary.key(), ascii("job"), new byte[LARGE_BYTES]);

        assertThatABeatIsRefusedWithoutReading("refused: somebody wrote to the canary while it was measured");
        beforeTheTransaction = () -> {};
        assertThatABeatIsRefusedWithoutReading("somebody filled the canary");
    }

    @Test
    void whatIsFilledInTheLastMomentBeforeAScriptIsNotReadEither() throws InterruptedException {
        beforeTheTransaction = () -> {
            stranger.sync().hset(canary.key(), ascii("job"), new byte[LARGE_BYTES]);
            stranger.sync().configSet("maxmemory", "1");
        };

        assertThatABeatIsRefusedWithoutReading("somebody filled the canary");
    }

    @Test
    void whatIsNoHashIsTold() throws InterruptedException {
        stranger.sync().set(canary.key(), new byte[LARGE_BYTES]);

        assertThatABeatIsRefusedWithoutReading("is no hash any more");
    }

    @Test
    void afterARefusalTheNextBeatIsTaken() throws InterruptedException {
        beforeTheTransaction = () -> stranger.sync().hset(canary.key(), ascii("job"), ascii("1"));
        assertThat(beat(2)).startsWith("refused: ");
        beforeTheTransaction = () -> {};

        assertThat(beat(2)).isEqualTo("beat, with what is foreign");
    }

    @Test
    void aFilledPlaceIsNobodysToTakeAndNotRead() {
        for (int place = 0; place < 16; place++) {
            stranger.sync().hset(ascii("tidemark:canary:rag:" + place), ascii("at"), new byte[LARGE_BYTES / 4]);
        }
        long before = server.bytesAnswered();

        assertThatThrownBy(this::settle)
                .isInstanceOf(TidemarkError.class)
                .hasMessage(
                        "of 16 places for canaries of source rag on node:1, watches have 0, and in 16 lies what is no"
                                + " canary; delete what is large, or no hash, of tidemark:canary:rag:0 to 15");
        assertThat(server.bytesAnswered() - before).isLessThan(ANSWERS_BYTES_MAX);
    }

    private void fillWithManyFields() {
        stranger.sync()
                .eval(
                        "for i = 1, 100000 do redis.call('HSET', KEYS[1], 'job:' .. i, '1') end return redis.status_reply('OK')",
                        ScriptOutputType.STATUS,
                        canary.key());
    }

    private void assertThatABeatIsRefusedWithoutReading(String why) throws InterruptedException {
        long before = server.bytesAnswered();

        assertThat(beat(2)).contains(why);
        assertThat(server.bytesAnswered() - before).isLessThan(ANSWERS_BYTES_MAX);
    }

    private String beat(long n) throws InterruptedException {
        beats.beat(n);
        String outcome = heard.poll(CaptureFixture.SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(outcome).as("an outcome").isNotNull();
        return outcome;
    }

    private Canary settle() {
        return Canary.settle(connection, "rag", "w", "node:1", "run", OptionalInt.empty(), NOW);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private final class Heard implements BeatLine.Listener {
        @Override
        public void beatReplied(BeatReply reply) {
            boolean foreign =
                    reply.readBack().stream().anyMatch(back -> !back.foreign().isEmpty());
            heard.add(foreign ? "beat, with what is foreign" : "beat");
        }

        @Override
        public void beatRefused(String why) {
            heard.add("refused: " + why);
        }

        @Override
        public void demoted() {
            heard.add("demoted");
        }

        @Override
        public void beatRedirected() {
            heard.add("redirected");
        }

        @Override
        public void canaryFilled(String how) {
            heard.add(how);
        }

        @Override
        public void broken(String what) {
            heard.add("broken: " + what);
        }
    }
}
