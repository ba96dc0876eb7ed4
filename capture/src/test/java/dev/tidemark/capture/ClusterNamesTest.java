package dev.tidemark.capture;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes that announce names, as those do whose certificates are of names alone. */
class ClusterNamesTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void nodesAreCalledByTheirNamesWhereTheySpeakTls() {
        assumeTrue(RedisServer.find().orElseThrow().major() >= 7, "Redis announces names from 7.0 on");
        RedisServer.Options node =
                RedisServer.Options.defaults().withTls().withConfig("cluster-announce-hostname localhost");
        try (RedisCluster cluster =
                        RedisCluster.start(RedisCluster.Options.defaults().withNodes(node));
                RedisServers servers = new RedisServers(
                        RedisSettings.cluster(
                                        URI.create("rediss://localhost:"
                                                + cluster.nodes().get(0).port()),
                                        List.of())
                                .trusting(cluster.nodes().get(0).caFile()),
                        Clock.systemUTC())) {
            Topology topology = new ClusterTopology(servers);

            Await.until(
                    SOON,
                    () -> topology.ask().primaries().stream()
                            .allMatch(primary -> primary.address().host().equals("localhost")),
                    "every node to be called by its name");
            Await.until(
                    SOON,
                    () -> topology.ask().inForce().size() == cluster.primaries().size(),
                    "all to be confirmed");
        }
    }
}
