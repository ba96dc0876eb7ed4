package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import java.net.URI;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class RedisServersTest {
    /**
     * The client has two ways to shake hands. With credentials that may come later, one connection in some thousands was handed
     * out, on a busy machine, before it took commands: too seldom for a test that connects.
     */
    @Test
    void credentialsAreThereWhenTheConnectionIs() {
        RedisSettings settings =
                RedisSettings.at(URI.create("redis://127.0.0.1:1")).as("backup", Secret.of("pw"));
        try (RedisServers servers = new RedisServers(settings, Clock.systemUTC())) {
            assertThat(servers.uri(servers.configured().get(0)).getCredentialsProvider())
                    .isInstanceOfSatisfying(ImmediateRedisCredentialsProvider.class, provider -> {
                        assertThat(provider.resolveCredentialsNow().getUsername())
                                .isEqualTo("backup");
                        assertThat(provider.resolveCredentialsNow().getPassword())
                                .containsExactly('p', 'w');
                    });
        }
    }
}
