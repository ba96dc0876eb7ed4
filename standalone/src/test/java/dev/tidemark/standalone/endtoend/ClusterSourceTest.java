package dev.tidemark.standalone.endtoend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.SlotMove;
import dev.tidemark.standalone.endtoend.Court.Effect;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A Redis Cluster comes back, whose slots move and whose primaries fail under load. */
@ExtendWith({OneCourtAtATime.class, SharedGround.class})
class ClusterSourceTest {
    /** More than primaries, and no multiple of them: some shards lie on two nodes. */
    private static final int SHARDS = 4;

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration WITHIN = Duration.ofMinutes(2);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_121L));
    private RedisCluster cluster;
    private Oracle oracle;

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void whatAClusterHeldComesBackWhileSlotsMoveAndPrimariesFail(MatrixServer server, Ground ground) {
        assumeTrue(server.isHere(), server::whyNot);
        RedisCluster.Options three =
                RedisCluster.Options.defaults().withNodes(server.options()).withReplicasEach(1);
        try (RedisCluster started = RedisCluster.start(three)) {
            cluster = started;
            List<URI> uris = cluster.uris();
            RedisSettings redis = RedisSettings.cluster(uris.get(0), cluster.seeds());
            try (Deployment deployment = Deployment.start(
                            directory,
                            ground,
                            SourceSettings.of("e2e-cluster-" + server.name().replace('.', '-'), SHARDS),
                            redis);
                    Oracle opened = Oracle.openCluster(uris, oracleOptions());
                    Court court = Court.convene(
                            deployment, opened, () -> Scratch.ofOneServerAndACluster(server.options()), random)) {
                oracle = opened;

                court.under("nothing", Effect.NONE, () -> oracle.awaitWrites(200, WITHIN));
                for (int round = 0; round < Integer.getInteger("tidemark.rounds", 1); round++) {
                    court.under("a primary killed", Effect.GAP, this::killAPrimary);
                    court.under("a slot moved and moved back", Effect.GAP, this::moveASlotAndBack);
                    court.under("a replica set paused", Effect.LATE, this::pauseAReplicaSet);
                    court.under("a primary that slept through its replacement", Effect.GAP, this::replaceASleeper);
                    court.under("a primary added", Effect.GAP, this::addAPrimary);
                }

                court.adjourn();
            }
        }
    }

    private OracleOptions oracleOptions() {
        return Pace.seeded(random.nextLong()).withReplyTimeout(Duration.ofSeconds(2));
    }

    /** For less than the others wait before they call it failed. */
    private void pauseAReplicaSet() {
        RedisServer primary = cluster.nodeOf(aSlot());
        List<RedisServer> set = cluster.replicasOf(primary);
        set.forEach(RedisServer::pause);
        primary.pause();
        Rest.of(PAUSE);
        primary.resume();
        set.forEach(RedisServer::resume);
        cluster.awaitWell();
    }

    /** The lowest: where it arrives, canaries are put into it, and on its way back it takes their place away. */
    private void moveASlotAndBack() {
        int slot = Collections.min(oracle.slots());
        RedisServer home = cluster.nodeOf(slot);
        SlotMove there = cluster.beginMove(slot, otherThan(home));
        there.migrate(20);
        oracle.awaitWrites(100, WITHIN);
        there.finish();
        oracle.awaitWrites(200, WITHIN);
        cluster.moveSlot(slot, home);
    }

    private void killAPrimary() {
        int slot = aSlot();
        RedisServer lost = cluster.nodeOf(slot);
        lost.kill();
        cluster.awaitNewOwner(slot, lost);
        oracle.rebase();
        oracle.awaitWrites(200, WITHIN);
        lost.restart(true);
        cluster.awaitWell();
        lost.awaitInSync();
    }

    /** Woken, it answers as the primary that it was; where it can be kept from hearing that it is none, until it is brought back. */
    private void replaceASleeper() {
        int slot = aSlot();
        RedisServer old = cluster.nodeOf(slot);
        if (cluster.canLeadAstray()) {
            cluster.leadAstray(old);
        }
        old.pause();
        cluster.awaitNewOwner(slot, old);
        oracle.rebase();
        oracle.awaitWrites(100, WITHIN);
        old.resume();
        oracle.awaitWrites(200, WITHIN);
        cluster.bringBack(old);
    }

    private void addAPrimary() {
        int slot = aSlot();
        RedisServer added = cluster.addPrimary();
        cluster.moveSlot(slot, added);
        Await.until(WITHIN, () -> cluster.nodeOf(slot).equals(added), "slot " + slot + " is on the new primary");
    }

    /** One that is written to. */
    private int aSlot() {
        List<Integer> slots = oracle.slots();
        return slots.get(random.nextInt(slots.size()));
    }

    private RedisServer otherThan(RedisServer owner) {
        return cluster.primaries().stream()
                .map(RedisCluster.Primary::server)
                .filter(server -> !server.equals(owner))
                .findFirst()
                .orElseThrow();
    }
}
