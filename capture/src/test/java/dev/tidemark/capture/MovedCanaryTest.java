package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The slot of a node's canaries becomes another node's between two beats: no barrier of these watches can complete any more. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // It mostly waits.
class MovedCanaryTest {
    /** Canaries live in the lowest slot of a node, and so does this key. */
    private static final int SLOT = 0;

    private static final String KEY_IN_IT = "{3560}";

    @Test
    void aBeatThatIsRedirectedIsADoubtAndTheCanaryFindsAnotherPlace(KafkaBroker kafka) {
        try (RedisCluster cluster =
                        RedisCluster.start(RedisCluster.Options.defaults().withPrimaries(2));
                CaptureFixture fixture = new CaptureFixture(kafka, cluster.nodeOf(SLOT), direct -> direct);
                RedisClient client = RedisClient.create();
                StatefulRedisConnection<String, String> other =
                        client.connect(uri(otherThan(cluster, fixture.redis)))) {
            fixture.settings = fixture.settings.with(RedisSettings.cluster(fixture.redis.uri(), cluster.seeds()));
            assertThat(fixture.commands.clusterKeyslot(KEY_IN_IT)).isEqualTo(SLOT);
            fixture.startCapture();
            // A canary that came up in the middle of the move would stop it.
            fixture.awaitBothCover();
            assertThat(fixture.logged.doubts()).noneMatch(MovedCanaryTest::saysThatItMoved);

            moveWithWhatIsInIt(fixture, other);
            cluster.awaitWell();
            other.sync().set(KEY_IN_IT, "1");

            Await.until(
                    CaptureFixture.SOON,
                    () -> fixture.logged.doubts().stream().anyMatch(MovedCanaryTest::saysThatItMoved),
                    "a doubt, for a slot moved");
            fixture.awaitTidemarksPast(fixture.redisMicros());
            assertThat(present(fixture.logged.statesBelowTidemarks())).containsExactly(KEY_IN_IT);
            assertThat(fixture.canaries()).isNotEmpty().allSatisfy(canary -> assertThat(
                            fixture.commands.clusterKeyslot(canary))
                    .isGreaterThan(SLOT));
        }
    }

    /** At once: a beat that saw the slot on its way would doubt for another reason. */
    private static void moveWithWhatIsInIt(CaptureFixture from, StatefulRedisConnection<String, String> to) {
        String newOwner = to.sync().clusterMyId();
        to.sync().clusterSetSlotNode(SLOT, newOwner);
        String[] canaries = from.canaries().toArray(new String[0]);
        from.commands.multi();
        from.commands.del(canaries);
        from.commands.clusterSetSlotNode(SLOT, newOwner);
        assertThat(from.commands.exec().wasDiscarded()).isFalse();
    }

    /** The beat says so, or the other node, who is asked as often. */
    private static boolean saysThatItMoved(String doubt) {
        return doubt.startsWith("slots moved");
    }

    private static RedisURI uri(RedisServer server) {
        return RedisURI.create(server.uri());
    }

    private static RedisServer otherThan(RedisCluster cluster, RedisServer one) {
        return cluster.nodes().stream().filter(node -> node != one).findFirst().orElseThrow();
    }
}
