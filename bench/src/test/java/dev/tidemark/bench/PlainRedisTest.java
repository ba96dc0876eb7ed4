package dev.tidemark.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The limit is only a limit if it does what it is said to do. */
class PlainRedisTest {
    private static RedisServer server;
    private PlainRedis redis;

    @BeforeAll
    static void start() {
        server = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() {
        redis = new PlainRedis(server);
    }

    @AfterEach
    void disconnect() {
        redis.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyIsLoadedReadAndTouchedToTheLastByte(KeyKind kind) {
        DataSet data = new DataSet(kind, 1_234);
        redis.exchange("FLUSHALL\r\n".getBytes(US_ASCII), "+OK\r\n".length());

        data.load(redis);
        redis.exchange(data.reads(), data.readReplyBytes());
        redis.exchange(data.touches(), data.touchReplyBytes());

        redis.exchange("DBSIZE\r\n".getBytes(US_ASCII), ":1234\r\n".length());
        redis.exchange(data.reads(), data.readReplyBytes());
        assertThat(data.readReplyBytes()).isGreaterThan(1_234L * (kind == KeyKind.CHUNK ? 7_000 : 100));
        assertThat(data.records()).hasSize(1_234);
    }

    @Test
    void aReplyOfAnotherLengthIsAnError() {
        assertThatThrownBy(() -> redis.exchange("GET nothing\r\n".getBytes(US_ASCII), "$-1".length()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("other lengths");
    }

    @Test
    void theClockIsTheServers() {
        long before = redis.timeMicros();
        long after = redis.timeMicros();

        assertThat(after).isGreaterThanOrEqualTo(before);
        assertThat(Duration.between(Instant.ofEpochMilli(before / 1_000), Instant.now())
                        .abs())
                .isLessThan(Duration.ofMinutes(1));
    }
}
