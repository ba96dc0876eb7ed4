package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.ClusterFailover;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of whom the nodes of a real Cluster are sure, while one of them is paused, replaced, and does not know it. */
class ClusterTopologyTest {
    private static final String KEY_OF_SLOT_0 = "la2";
    private static final Duration SOON = Duration.ofSeconds(60);
    /** Shorter than any time for which an answer might be called late. */
    private static final Duration NODE_TIMEOUT = Duration.ofSeconds(1);

    private final RedisCluster cluster = RedisCluster.start(
            RedisCluster.Options.defaults().withReplicasEach(1).withNodeTimeout(NODE_TIMEOUT));
    private final RedisServer primary = cluster.nodeOf(0);
    private final RedisServers servers =
            new RedisServers(RedisSettings.cluster(primary.uri(), List.copyOf(addresses(cluster))), Clock.systemUTC());
    private final Topology topology = new ClusterTopology(servers);

    @AfterEach
    void end() {
        servers.close();
        cluster.close();
    }

    @Test
    void aPrimaryIsInForceUntilItIsReplacedWhetherItKnowsOrNot() {
        requireAstray();
        Set<String> before = addresses(cluster);
        assertThat(inForce(topology.ask())).isEqualTo(before);
        assertThat(inForce(topology.ask())).as("again").isEqualTo(before);

        cluster.leadAstray(primary);
        primary.pause();
        cluster.awaitNewOwner(0, primary);
        Topology.Answer paused = topology.ask();
        primary.resume();
        Topology.Answer resumed = topology.ask();
        Await.until(SOON, this::takesWrites, "the old primary takes writes again, and knows nothing");
        Topology.Answer astray = topology.ask();

        assertThat(takesWrites()).as("whether it still does").isTrue();
        for (Topology.Answer answer : List.of(paused, resumed, astray)) {
            assertThat(answer.isInForce(address(primary))).isFalse();
            assertThat(answer.primaries().stream().map(each -> each.address().toString()))
                    .containsExactlyInAnyOrderElementsOf(addresses(cluster));
        }
        assertThat(inForce(astray)).isEqualTo(addresses(cluster));
    }

    /** Nobody elected who does it, and the others may not know yet. */
    @Test
    void whoTakesOverByOrderIsBelievedAtOnce() {
        requireAstray();
        assertThat(inForce(topology.ask())).isEqualTo(addresses(cluster));

        cluster.leadAstray(primary);
        cluster.failover(cluster.replicasOf(primary).get(0), ClusterFailover.TAKEOVER);
        Topology.Answer answer = topology.ask();

        assertThat(takesWrites()).isTrue();
        assertThat(inForce(answer)).isEqualTo(addresses(cluster)).doesNotContain(address(primary));
    }

    /** It is asked itself, from when it was a replica. */
    @Test
    void whoTakesOverIsBelievedThoughNoOtherPrimaryHasHeard() {
        requireAstray();
        topology.ask();

        cluster.forgetReplicasOf(
                primary,
                cluster.primaries().stream().map(RedisCluster.Primary::server).toList());
        cluster.failover(cluster.replicasOf(primary).get(0), ClusterFailover.TAKEOVER);
        Topology.Answer answer = topology.ask();

        assertThat(answer.primaries().stream().map(each -> each.address().toString()))
                .containsExactlyInAnyOrderElementsOf(addresses(cluster));
        assertThat(inForce(answer)).doesNotContain(address(primary));
    }

    /** The others are confirmed without it, and without delay. */
    @Test
    void aNodeThatIsSilentIsNotWaitedFor() {
        RedisServer silent = cluster.replicasOf(primary).get(0);
        topology.ask();

        silent.pause();
        long begunNanos = System.nanoTime();
        Topology.Answer answer = topology.ask();

        assertThat(inForce(answer)).isEqualTo(addresses(cluster));
        assertThat(Duration.ofNanos(System.nanoTime() - begunNanos)).isLessThan(Duration.ofSeconds(5));
    }

    private void requireAstray() {
        assumeTrue(cluster.canLeadAstray(), RedisCluster.ASTRAY_NEEDS);
    }

    private boolean takesWrites() {
        RedisClient client = RedisClient.create(primary.uri().toString());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            return connection.sync().set(KEY_OF_SLOT_0, "v").equals("OK");
        } catch (RedisCommandExecutionException notNow) {
            return false;
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    private static Set<String> inForce(Topology.Answer answer) {
        return answer.inForce().stream().map(NodeAddress::toString).collect(Collectors.toSet());
    }

    private static Set<String> addresses(RedisCluster cluster) {
        return cluster.primaries().stream()
                .filter(each -> !each.slots().isEmpty())
                .map(each -> address(each.server()))
                .collect(Collectors.toSet());
    }

    private static String address(RedisServer server) {
        return "127.0.0.1:" + server.port();
    }
}
