package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TargetPipelineTest {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final int VALUE_BYTES = 64 << 10;
    private static final int VALUES = 400;
    private static final int BYTES = VALUES * VALUE_BYTES;
    private static final long BYTES_IN_FLIGHT_MAX = 32L << 20;

    /** All of it may be on its way at once, and takes much longer than an answer may. */
    @ParameterizedTest
    @ValueSource(ints = {VALUE_BYTES, 1 << 20})
    void aTargetBehindASlowLinkIsNotTakenForASilentOne(int valueBytes) throws InterruptedException {
        try (RedisServer server = RedisServer.start();
                FaultProxy link = FaultProxy.before(server);
                TargetPrimaries target =
                        TargetPrimaries.open(RestoreTarget.at(link.uri("redis")), ANSWER_LIMIT, "Nothing was written");
                TargetPipeline pipeline = new TargetPipeline(target, BYTES_IN_FLIGHT_MAX, Duration.ofSeconds(2))) {
            TargetRedis node = target.all().get(0);
            link.bandwidth(4_000_000);
            for (int i = 0; i < BYTES / valueBytes; i++) {
                pipeline.send(node, 0, set("key:" + i, new byte[valueBytes]), "OK"::equals);
            }
            pipeline.finish();

            assertThat(node.keys("")).containsEntry(0, (long) BYTES / valueBytes);
        }
    }

    @Test
    void aRefusalIsHeardBeforeAllIsSent() {
        try (RedisServer server = RedisServer.start(
                        RedisServer.Options.defaults().withConfig("maxmemory 4mb", "maxmemory-policy noeviction"));
                TargetPrimaries target =
                        TargetPrimaries.open(RestoreTarget.at(server.uri()), ANSWER_LIMIT, "Nothing was written");
                TargetPipeline pipeline = new TargetPipeline(target, BYTES_IN_FLIGHT_MAX, ANSWER_LIMIT)) {
            TargetRedis node = target.all().get(0);

            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100 * VALUES; i++) {
                            pipeline.send(node, 0, set("key:" + i, new byte[VALUE_BYTES]), "OK"::equals);
                        }
                    })
                    .isInstanceOfSatisfying(TidemarkError.class, refused -> assertThat(refused.code())
                            .isEqualTo(ExitCode.TARGET_REFUSED))
                    .hasMessageContaining("It is full");
        }
    }

    private static List<byte[]> set(String key, byte[] value) {
        return List.of(RedisContent.bytes("SET"), RedisContent.bytes(key), value);
    }
}
