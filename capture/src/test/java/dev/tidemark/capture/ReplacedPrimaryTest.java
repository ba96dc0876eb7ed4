package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.ClusterFailover;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Capture and a Cluster's primary are on one side, all others on the other, where the primary is replaced: it answers every
 * beat, and does not know.
 */
@ExtendWith(SharedKafka.class)
class ReplacedPrimaryTest {
    private static final String USER = "capture";
    private static final String PASSWORD = "pw";
    private static final String KEY_OF_SLOT_0 = "la2";
    private static final int SHARD = 0;
    /** Of two watches. */
    private static final long BEATS = 12;

    /** Two primaries with a shard each. Nobody is called failed while he is silent here. */
    private final RedisCluster cluster = RedisCluster.start(RedisCluster.Options.defaults()
            .withPrimaries(CaptureFixture.SHARDS)
            .withReplicasEach(1)
            .withNodeTimeout(Duration.ofSeconds(60)));

    private final RedisClient client = RedisClient.create();
    private final RedisServer primary = cluster.nodeOf(0);
    private final RedisServer heir = cluster.replicasOf(primary).get(0);
    private final List<RedisServer> others = cluster.nodes().stream()
            .filter(node -> !node.equals(primary) && !node.equals(heir))
            .toList();
    private CaptureFixture fixture;

    @BeforeEach
    void prepare(CaptureFixture own) {
        assumeTrue(cluster.canLeadAstray(), RedisCluster.ASTRAY_NEEDS);
        fixture = own;
        cluster.nodes().forEach(node -> node.aclUser(USER, PASSWORD, "~*", "&*", "+@all"));
        RedisSettings redis = RedisSettings.cluster(cluster.uris().get(0), cluster.seeds());
        fixture.settings = fixture.settings.with(redis.as(USER, Secret.of(PASSWORD)));
    }

    @AfterEach
    void end() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        cluster.close();
    }

    @Test
    void nothingIsClaimedOfATimeAtWhichAnotherTookTheWrites() {
        set(primary, "old");
        fixture.startAndCover();

        heir.aclUser(USER, PASSWORD, "-@all");
        others.forEach(RedisServer::pause);
        cluster.leadAstray(primary);
        cluster.failover(heir, ClusterFailover.TAKEOVER);
        set(heir, "new");
        long replacedMicros = fixture.redisMicros();
        awaitBeatsOf(primary);

        assertThat(tidemark().throughMicros())
                .as("what is claimed of a primary that was replaced")
                .isLessThan(replacedMicros);

        others.forEach(RedisServer::resume);
        heir.aclUser(USER, PASSWORD, "~*", "&*", "+@all");
        fixture.awaitDoubt("slots moved to other nodes");
        cluster.bringBack(primary);
        fixture.awaitTidemarksPast(fixture.redisMicros());

        KeyRef key = CaptureFixture.ref(Bytes.utf8(KEY_OF_SLOT_0));
        assertThat(fixture.logged.statesBelowTidemarks()).containsEntry(key, new Value.Text(Bytes.utf8("new")));
        assertThat(tidemark().base().endMicros()).isGreaterThan(replacedMicros);
    }

    private Tidemark tidemark() {
        return fixture.logged.lastTidemarks().get(SHARD);
    }

    private void awaitBeatsOf(RedisServer server) {
        try (StatefulRedisConnection<String, String> connection = client.connect(RedisURI.create(server.uri()))) {
            long before = writes(connection);
            Await.until(CaptureFixture.SOON, () -> writes(connection) >= before + BEATS, BEATS + " more beats");
        }
    }

    /** Each beat is one, and nobody else writes hashes. */
    private static long writes(StatefulRedisConnection<String, String> connection) {
        return new ServerInfo()
                .add(connection.sync().info("commandstats").getBytes(StandardCharsets.UTF_8))
                .calls("hset");
    }

    private void set(RedisServer server, String value) {
        try (StatefulRedisConnection<String, String> connection = client.connect(RedisURI.create(server.uri()))) {
            connection.sync().set(KEY_OF_SLOT_0, value);
        }
    }
}
