package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisSentinels;
import dev.tidemark.servers.RedisServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** In each kind of deployment, also when the address that is named first does not answer. */
class CapturedServersTest {
    private static final URI NOBODY = URI.create("redis://127.0.0.1:" + FreePort.next());

    @Test
    void aServerAlone() {
        try (RedisServer server = RedisServer.start()) {
            assertThat(CapturedServers.runIds(RedisSettings.at(server.uri()))).containsExactly(runId(server));
        }
    }

    @Test
    void thePrimaryThatSentinelsKnowAndNoneOfThem() {
        try (RedisSentinels sentinels = RedisSentinels.start()) {
            List<String> addresses = new ArrayList<>(sentinels.addresses());

            assertThat(CapturedServers.runIds(RedisSettings.sentinel(NOBODY, sentinels.masterName(), addresses)))
                    .containsExactly(runId(sentinels.primary()));
        }
    }

    @Test
    void everyPrimaryOfACluster() {
        try (RedisCluster cluster = RedisCluster.start()) {
            Set<String> primaries = new HashSet<>();
            cluster.primaries().forEach(primary -> primaries.add(runId(primary.server())));
            RedisServer any = cluster.primaries().get(0).server();

            assertThat(CapturedServers.runIds(RedisSettings.cluster(NOBODY, List.of("127.0.0.1:" + any.port()))))
                    .hasSizeGreaterThan(1)
                    .isEqualTo(primaries);
        }
    }

    @Test
    void nobodyWhereNobodyAnswers() {
        assertThat(CapturedServers.runIds(RedisSettings.at(NOBODY))).isEmpty();
        assertThat(CapturedServers.runIds(RedisSettings.defaults())).isEmpty();
    }

    private static String runId(RedisServer server) {
        try (RedisContent content = new RedisContent(server.uri())) {
            return content.redis()
                    .info("server")
                    .lines()
                    .filter(line -> line.startsWith("run_id:"))
                    .map(line -> line.substring("run_id:".length()).strip())
                    .findFirst()
                    .orElseThrow();
        }
    }
}
