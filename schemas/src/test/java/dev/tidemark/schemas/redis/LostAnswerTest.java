package dev.tidemark.schemas.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisConnectionException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LostAnswerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RedisConnectionException lost = new RedisConnectionException(
            "Unable to connect", new IllegalStateException("RedisHandshakeHandler not registered"));

    @Test
    void theServerIsAskedForItOnceMore() {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(LostAnswer.behind(lost, address(redis.port(), Optional.empty())))
                    .as("it lets us in")
                    .isEmpty();
            redis.aclUser("default", "correct-horse", "~*", "&*", "+@all");

            assertThat(LostAnswer.behind(lost, address(redis.port(), Optional.empty())))
                    .hasValueSatisfying(refused -> assertThat(refused.code()).isEqualTo("NOAUTH"));
            assertThat(LostAnswer.behind(lost, address(redis.port(), Optional.of(Secret.of("hunter2")))))
                    .hasValueSatisfying(refused -> assertThat(refused.code()).isEqualTo("WRONGPASS"));
            assertThat(LostAnswer.behind(
                            new RedisConnectionException("Connection refused"),
                            address(redis.port(), Optional.empty())))
                    .as("another failure")
                    .isEmpty();
        }
        assertThat(LostAnswer.behind(lost, address(FreePort.next(), Optional.empty())))
                .as("nobody to ask")
                .isEmpty();
    }

    private static RedisAddress address(int port, Optional<Secret> password) {
        return new RedisAddress(
                "127.0.0.1", port, false, Optional.empty(), Optional.empty(), password, PATIENCE, PATIENCE);
    }
}
