package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What we hold in the user's Redis: a few small hashes, and none after an orderly end. */
@ExtendWith(SharedKafka.class)
class CanaryTest {
    private static final long NOW = 1_000_000_000_000L;

    @Test
    void whereAllPlacesAreTakenItIsSaidWhoTookThem() {
        try (RedisServer redis = RedisServer.start();
                RedisClient client = RedisClient.create(redis.uri().toString());
                StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            Canary canary = null;
            for (int watch = 0; watch < 16; watch++) {
                canary = settle(connection, NOW);
                connection.sync().hset(canary.key(), "at".getBytes(StandardCharsets.US_ASCII), ascii(NOW - watch));
            }

            assertThatThrownBy(() -> settle(connection, NOW))
                    .isInstanceOf(TidemarkError.class)
                    .hasMessage(
                            "16 watches of source rag are on node:1 already; stop a capture, or wait 10 s if one has just died");
            assertThat(settle(connection, NOW + 10_000_000).key())
                    .as("the place that was forsaken first")
                    .isEqualTo(canary.key());
        }
    }

    @Test
    void anOrderlyEndLeavesNone(CaptureFixture fixture) {
        Capture capture = fixture.startCapture();
        fixture.awaitTidemarksPast(fixture.redisMicros());
        fixture.awaitWatchers(2);
        assertThat(fixture.canaries()).isNotEmpty();

        capture.close();

        assertThat(fixture.canaries()).isEmpty();
    }

    /** Its signal may be taken for the beat's own, so that barrier proves nothing; it is late and no more. */
    @Test
    void whatSomebodyElseWritesToItIsSeenAndAnExpiryTakenOff(CaptureFixture fixture) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        fixture.startCapture(registry);
        fixture.awaitBothCover();
        List<String> doubts = fixture.logged.doubts();

        for (Consumer<String> write : List.<Consumer<String>>of(
                canary -> fixture.commands.expire(canary, 3_600),
                canary -> fixture.commands.hset(canary, "job", "1"),
                canary -> fixture.commands.hset(canary, "job", "2"))) {
            double refused = barriersRefused(registry);
            fixture.canaries().forEach(write);
            Await.until(
                    CaptureFixture.SOON,
                    () -> barriersRefused(registry) >= refused + 2,
                    "both watchers find that somebody wrote to their canary");
            fixture.awaitTidemarksPast(fixture.redisMicros());
        }

        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        assertThat(fixture.canaries()).hasSize(2).allSatisfy(canary -> assertThat(fixture.commands.ttl(canary))
                .as("no expiry")
                .isEqualTo(-1));
    }

    /** Both watchers end, and so does what they covered; those that follow them look for other places. */
    @Test
    void whereSomebodyFillsThemTheWatchesLeaveThem(CaptureFixture fixture) {
        fixture.startCapture();
        fixture.awaitBothCover();
        List<String> filled = fixture.canaries();

        filled.forEach(canary -> fixture.commands.hset(canary, "job", "x".repeat(2 << 20)));

        Await.until(
                CaptureFixture.SOON,
                () -> fixture.logged.doubts().stream().anyMatch(doubt -> doubt.contains("somebody filled the canary")),
                "a doubt that says what happened");
        fixture.awaitBothCover();
        assertThat(fixture.canaries()).hasSize(4).containsAll(filled);
    }

    private static double barriersRefused(SimpleMeterRegistry registry) {
        return registry.get("tidemark.capture.late")
                .tag("cause", "barrier_refused")
                .counter()
                .count();
    }

    private static Canary settle(StatefulRedisConnection<byte[], byte[]> connection, long nowMicros) {
        return Canary.settle(connection, "rag", "w", "node:1", "run", OptionalInt.empty(), nowMicros);
    }

    private static byte[] ascii(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
