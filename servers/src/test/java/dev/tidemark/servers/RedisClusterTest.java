package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisClusterTest {
    private static final String TAG = "{moved}";
    private static final int SLOT = SlotHash.getSlot(TAG);

    @Test
    void threePrimariesShareTheSlotsAndTakeKeys() {
        try (RedisCluster cluster = RedisCluster.start()) {
            assertThat(cluster.nodes()).hasSize(3);
            assertThat(cluster.primaries().stream().flatMap(primary -> primary.slots().stream()))
                    .containsExactlyInAnyOrder(
                            new SlotRange(0, 5460), new SlotRange(5461, 10_921), new SlotRange(10_922, 16_383));

            write(cluster, 300);

            assertThat(cluster.nodes()).allSatisfy(node -> assertThat(Integer.parseInt(node.call("DBSIZE")))
                    .isPositive());
        }
    }

    @Test
    void aSlotMovesWithItsKeysAndMayStopHalfWay() throws IOException {
        RedisCluster.Options options = RedisCluster.Options.defaults()
                .withNodes(RedisServer.Options.defaults().withPassword("secret"));
        try (RedisCluster cluster = RedisCluster.start(options)) {
            byte[] binary = {'{', 'm', 'o', 'v', 'e', 'd', '}', (byte) 0xff, 0, '\n'};
            RedisServer from = cluster.nodeOf(SLOT);
            try (RedisControl control = from.control()) {
                control.call(List.of(RedisControl.bytes("SET").get(0), binary, binary));
            }
            for (int key = 0; key < 24; key++) {
                from.call("SET", TAG + key, "v");
            }
            RedisServer to = cluster.primaries().stream()
                    .map(RedisCluster.Primary::server)
                    .filter(server -> !server.equals(from))
                    .findFirst()
                    .orElseThrow();

            SlotMove move = cluster.beginMove(SLOT, to);
            assertThat(move.migrate(15)).isEqualTo(15);
            assertThat(keysInSlot(from)).isEqualTo(10);
            assertThat(keysInSlot(to)).isEqualTo(15);
            assertThat(cluster.nodeOf(SLOT)).isEqualTo(from);
            assertThatThrownBy(() -> from.call("GET", TAG + "nowhere"))
                    .hasRootCauseMessage("GET was answered with -ASK %d 127.0.0.1:%d".formatted(SLOT, to.port()));

            move.finish();
            assertThat(keysInSlot(from)).isZero();
            assertThat(keysInSlot(to)).isEqualTo(25);
            assertThat(cluster.nodeOf(SLOT)).isEqualTo(to);
            assertThat(cluster.primaries()).anySatisfy(primary -> {
                assertThat(primary.server()).isEqualTo(to);
                assertThat(primary.slots()).contains(new SlotRange(SLOT, SLOT));
            });

            cluster.moveSlot(SLOT, from);
            assertThat(keysInSlot(from)).isEqualTo(25);
            try (RedisControl control = from.control()) {
                assertThat(control.list("KEYS", "*")).contains(binary);
            }
        }
    }

    @Test
    void aReplicaTakesOverWhenItIsToldToAndWhenItMust() {
        try (RedisCluster cluster =
                RedisCluster.start(RedisCluster.Options.defaults().withReplicasEach(1))) {
            assertThat(cluster.nodes()).hasSize(6);
            RedisServer first = cluster.nodeOf(SLOT);
            RedisServer replica = cluster.replicasOf(first).get(0);
            first.call("SET", TAG, "v");

            cluster.failover(replica, ClusterFailover.ORDERLY);
            assertThat(cluster.nodeOf(SLOT)).isEqualTo(replica);
            assertThat(replica.call("GET", TAG)).isEqualTo("v");
            assertThat(cluster.replicasOf(replica)).containsExactly(first);

            first.awaitInSync();
            replica.kill();
            assertThat(cluster.awaitNewOwner(SLOT, replica)).isEqualTo(first);
            assertThat(first.call("GET", TAG)).isEqualTo("v");

            replica.restart(true);
            cluster.awaitWell();
            replica.awaitInSync();
            cluster.failover(replica, ClusterFailover.TAKEOVER);
            assertThat(cluster.nodeOf(SLOT)).isEqualTo(replica);
        }
    }

    @Test
    void aPrimaryThatWasLedAstrayTakesWritesBesideWhoReplacedItUntilItIsBroughtBack() {
        try (RedisCluster cluster =
                RedisCluster.start(RedisCluster.Options.defaults().withReplicasEach(1))) {
            assumeTrue(cluster.canLeadAstray(), RedisCluster.ASTRAY_NEEDS);
            RedisServer old = cluster.nodeOf(SLOT);
            RedisServer replica = cluster.replicasOf(old).get(0);

            cluster.leadAstray(old);
            cluster.failover(replica, ClusterFailover.TAKEOVER);

            assertThat(cluster.nodeOf(SLOT)).isEqualTo(replica);
            assertThat(replica.call("SET", TAG, "new")).isEqualTo("OK");
            assertThat(old.call("SET", TAG, "old")).isEqualTo("OK");

            cluster.bringBack(old);
            assertThat(old.role()).contains("slave");
            assertThat(cluster.nodeOf(SLOT)).isEqualTo(replica);
        }
    }

    @Test
    void aPrimaryComesAndGoes() {
        try (RedisCluster cluster = RedisCluster.start()) {
            RedisServer added = cluster.addPrimary();
            assertThat(cluster.primaries()).hasSize(4).anySatisfy(primary -> {
                assertThat(primary.server()).isEqualTo(added);
                assertThat(primary.slots()).isEmpty();
            });
            RedisServer from = cluster.nodeOf(SLOT);
            cluster.moveSlot(SLOT, added);

            assertThatThrownBy(() -> cluster.remove(added)).hasMessageContaining("still owns slots");
            cluster.moveSlot(SLOT, from);
            cluster.remove(added);

            assertThat(cluster.nodes()).hasSize(3).doesNotContain(added);
            assertThat(cluster.primaries()).hasSize(3);
            assertThat(added.isAlive()).isFalse();
        }
    }

    private static int keysInSlot(RedisServer server) {
        return Integer.parseInt(server.call("CLUSTER", "COUNTKEYSINSLOT", Integer.toString(SLOT)));
    }

    private static void write(RedisCluster cluster, int keys) {
        List<RedisURI> seeds = cluster.seeds().stream()
                .map(seed -> RedisURI.create("redis://" + seed))
                .toList();
        RedisClusterClient client = RedisClusterClient.create(seeds);
        try (StatefulRedisClusterConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            for (int key = 0; key < keys; key++) {
                byte[] bytes = ("k" + key).getBytes(StandardCharsets.UTF_8);
                connection.sync().set(bytes, bytes);
            }
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }
}
