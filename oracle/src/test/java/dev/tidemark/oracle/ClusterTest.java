package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.judge.Fault;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.ClusterFailover;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.SlotMove;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The source is a Redis Cluster, whose slots move and whose primaries fail. */
class ClusterTest {
    private static final Key PREFIX = OracleOptions.seeded(0).prefix();
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void followsSlotsThatMoveUnderLoadAndLosesNothingFromSight(WriteMode mode) {
        try (RedisCluster cluster = RedisCluster.start();
                RedisServer restored = RedisServer.start();
                Oracle oracle = open(cluster, mode)) {
            assertThat(owners(cluster, oracle)).as("every node is written to").hasSize(3);
            oracle.resume();
            oracle.awaitWrites(2_000, LONG_ENOUGH);

            for (int slot : oracle.slots()) {
                SlotMove move = cluster.beginMove(slot, otherThan(cluster, cluster.nodeOf(slot)));
                move.migrate(20);
                oracle.awaitWrites(100, LONG_ENOUGH);
                move.finish();
                oracle.awaitWrites(300, LONG_ENOUGH);
            }
            RedisServer added = cluster.addPrimary();
            cluster.moveSlot(oracle.slots().get(0), added);
            oracle.awaitWrites(1_000, LONG_ENOUGH);

            assertRightNow(oracle, cluster, restored);
            assertThat(oracle.gaveUp()).isEmpty();
            assertThat(oracle.refused().keySet()).anyMatch(error -> error.startsWith("MOVED"));
            assertThat(added.uri())
                    .satisfies(uri -> assertThat(QuietCopy.states(uri, PREFIX)).isNotEmpty());
            Set<Operation> wanted = mode == WriteMode.PLAIN ? Operation.plain() : Operation.observed();
            assertThat(oracle.performed().keySet()).containsAll(wanted);
        }
    }

    @Test
    void waitsForARebaseAfterAFailoverAndGoesOn() {
        try (RedisCluster cluster =
                        RedisCluster.start(RedisCluster.Options.defaults().withReplicasEach(1));
                RedisServer restored = RedisServer.start();
                Oracle oracle = open(cluster, WriteMode.OBSERVED)) {
            int slot = oracle.slots().get(0);
            RedisServer lost = cluster.nodeOf(slot);
            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);

            lost.kill();
            RedisServer next = cluster.awaitNewOwner(slot, lost);
            String transactions = QuietCopy.transactions(next.uri());
            oracle.awaitWrites(500, LONG_ENOUGH);
            assertThat(QuietCopy.transactions(next.uri()))
                    .as("nothing is written to what may have lost something")
                    .isEqualTo(transactions);
            oracle.pause();
            oracle.rebase();
            assertRightNow(oracle, cluster, restored);

            long before = oracle.writes();
            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            assertRightNow(oracle, cluster, restored);
            assertThat(oracle.writes()).isGreaterThan(before);

            lost.restart(true);
            cluster.awaitWell();
            lost.awaitInSync();
            oracle.resume();
            cluster.failover(lost, ClusterFailover.TAKEOVER);
            oracle.pause();
            oracle.rebase();
            assertThat(cluster.nodeOf(slot)).isEqualTo(lost).isNotEqualTo(next);
            assertRightNow(oracle, cluster, restored);
        }
    }

    @Test
    void findsWhatIsMissingOnAnyNodeOfARestoredCluster() {
        try (RedisCluster cluster = RedisCluster.start();
                Oracle oracle = open(cluster, WriteMode.PLAIN)) {
            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            oracle.pause();
            Instant quiet = oracle.now();
            Verdict whole = oracle.checkCluster(cluster.uris(), quiet, Duration.ZERO);
            assertThat(whole.clean()).as(whole.toString()).isTrue();

            List<URI> primaries = primaries(cluster);
            for (int gone = 1; gone <= primaries.size(); gone++) {
                URI primary = primaries.get(gone - 1);
                Key lost = lasting(QuietCopy.states(primary, PREFIX));
                QuietCopy.call(primary, "DEL", lost);
                Verdict verdict = oracle.checkCluster(cluster.uris(), quiet, Duration.ZERO);

                assertThat(verdict.faults()).as(verdict.toString()).isEqualTo(Map.of(Fault.MISSING, (long) gone));
            }
        }
    }

    private static Key lasting(Map<Key, KeyState> states) {
        return states.entrySet().stream()
                .filter(entry -> !entry.getValue().expires())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private static Oracle open(RedisCluster cluster, WriteMode mode) {
        OracleOptions options = OracleOptions.seeded(41)
                .withKeysPerThread(300)
                .withOpsPerSecondMax(4_000)
                .withReplyTimeout(Duration.ofSeconds(2));
        return Oracle.openCluster(cluster.uris(), mode == WriteMode.PLAIN ? options.plain() : options);
    }

    private static Set<RedisServer> owners(RedisCluster cluster, Oracle oracle) {
        return oracle.slots().stream().map(cluster::nodeOf).collect(Collectors.toSet());
    }

    private static RedisServer otherThan(RedisCluster cluster, RedisServer owner) {
        List<RedisServer> primaries =
                cluster.primaries().stream().map(RedisCluster.Primary::server).toList();
        return primaries.get((primaries.indexOf(owner) + 1) % primaries.size());
    }

    private static void assertRightNow(Oracle oracle, RedisCluster cluster, RedisServer restored) {
        oracle.pause();
        QuietCopy.of(primaries(cluster), restored.uri());
        Verdict verdict = oracle.check(restored.uri(), oracle.now(), Duration.ZERO);
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        assertThat(verdict.undecided()).isZero();
        assertThat(verdict.keysChecked()).isGreaterThan(500);
    }

    private static List<URI> primaries(RedisCluster cluster) {
        return cluster.primaries().stream()
                .map(primary -> primary.server().uri())
                .toList();
    }
}
