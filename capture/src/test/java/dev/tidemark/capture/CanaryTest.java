package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
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

    private static Canary settle(StatefulRedisConnection<byte[], byte[]> connection, long nowMicros) {
        return Canary.settle(connection.sync(), "rag", "w", "node:1", "run", OptionalInt.empty(), nowMicros);
    }

    private static byte[] ascii(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
