package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisSentinelsTest {
    @Test
    void anIsolatedPrimaryIsReplacedWhileClientsStillReachIt() {
        RedisClient client = RedisClient.create();
        try (RedisSentinels sentinels = RedisSentinels.start();
                StatefulRedisConnection<String, String> before = client.connect(uri(sentinels))) {
            assertThat(sentinels.addresses()).hasSize(3);
            assertThat(sentinels.replicas()).hasSize(2).doesNotContain(sentinels.primary());
            RedisServer old = sentinels.primary();
            before.sync().set("k", "shared");
            sentinels.replicas().forEach(RedisServer::awaitInSync);

            sentinels.isolate(old);
            RedisServer next = sentinels.awaitNewPrimary(old);

            before.sync().set("k", "only the old one has this");
            assertThat(old.call("GET", "k")).isEqualTo("only the old one has this");
            assertThat(next.call("GET", "k")).isEqualTo("shared");
            try (StatefulRedisConnection<String, String> after = client.connect(uri(sentinels))) {
                assertThat(after.sync().get("k")).isEqualTo("shared");
            }

            sentinels.rejoin(old);
            sentinels.awaitReplica(old);
            assertThat(old.call("GET", "k")).isEqualTo("shared");
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }

    @Test
    void aKilledPrimaryIsReplacedAndComesBackAsAReplica() {
        RedisSentinels.Options one = RedisSentinels.Options.defaults()
                .withNodes(RedisServer.Options.defaults().withPassword("secret"))
                .withReplicas(1)
                .withSentinels(1);
        try (RedisSentinels sentinels = RedisSentinels.start(one)) {
            RedisServer old = sentinels.primary();
            RedisServer replica = sentinels.replicas().get(0);
            old.call("SET", "k", "v");
            replica.awaitInSync();

            old.kill();
            assertThat(sentinels.awaitNewPrimary(old)).isEqualTo(replica);
            assertThat(replica.call("GET", "k")).isEqualTo("v");

            old.restart(true);
            sentinels.awaitReplica(old);
            assertThat(sentinels.primary()).isEqualTo(replica);
            assertThat(old.call("GET", "k")).isEqualTo("v");
        }
    }

    private static RedisURI uri(RedisSentinels sentinels) {
        List<String> addresses = sentinels.addresses();
        RedisURI.Builder builder = RedisURI.builder().withSentinelMasterId(sentinels.masterName());
        for (String address : addresses) {
            String[] parts = address.split(":", 2);
            builder.withSentinel(parts[0], Integer.parseInt(parts[1]));
        }
        return builder.build();
    }
}
