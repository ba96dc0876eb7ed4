package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.endtoend.Court.Effect;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two captures of one source, each of them the standby for the other's shards: whichever dies or sleeps, nothing is lost and
 * no moment is refused. {@code -Dtidemark.rounds=50} makes a soak of it.
 */
@ExtendWith({OneCourtAtATime.class, SharedGround.class})
class StandbyTest {
    private static final int SHARDS = 2;
    /** More than primaries, and no multiple of them. */
    private static final int SHARDS_OF_CLUSTER = 4;

    private static final int WATCHERS_OF_TWO = 4;
    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final Duration TIDEMARK_BACK_WITHIN = Duration.ofSeconds(30);
    /** Longer than the consumer group waits for a sign of life. */
    private static final Duration SESSION_IS_OVER = Duration.ofSeconds(8);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_123L));

    @Test
    void noMomentIsRefusedWhicheverOfTwoCapturesDies(Ground ground) {
        try (RedisServer redis = RedisServer.start();
                Oracle oracle = Oracle.open(redis.uri(), Pace.seeded(random.nextLong()))) {
            SourceSettings source = SourceSettings.of("e2e-standby", SHARDS);
            oneAfterTheOtherDies(ground, source, RedisSettings.at(redis.uri()), List.of(redis), oracle);
        }
    }

    /** Some shards lie on two nodes, and each capture watches them all. */
    @Test
    void neitherIsOneWhereTheyShareTheShardsOfACluster(Ground ground) {
        try (RedisCluster cluster = RedisCluster.start();
                Oracle oracle = Oracle.openCluster(cluster.uris(), Pace.seeded(random.nextLong()))) {
            SourceSettings source = SourceSettings.of("e2e-standby-cluster", SHARDS_OF_CLUSTER);
            RedisSettings redis = RedisSettings.cluster(cluster.uris().get(0), cluster.seeds());
            oneAfterTheOtherDies(ground, source, redis, cluster.nodes(), oracle);
        }
    }

    private void oneAfterTheOtherDies(
            Ground ground, SourceSettings source, RedisSettings settings, List<RedisServer> nodes, Oracle oracle) {
        try (Deployment deployment = Deployment.start(directory, ground, source, settings);
                Court court = Court.convene(deployment, oracle, RedisServer.Options.defaults(), random)) {
            ServiceProcess[] captures = {deployment.capture, deployment.anotherCapture()};
            court.under("a standby joined", Effect.LATE, () -> awaitStandby(nodes, deployment, oracle));

            for (int round = 0; round < Integer.getInteger("tidemark.rounds", 2); round++) {
                ServiceProcess victim = captures[round % 2];
                court.under("kill -9 " + round, Effect.LATE, () -> {
                    victim.kill();
                    requireTidemarkBack(deployment, oracle);
                    victim.start();
                    awaitStandby(nodes, deployment, oracle);
                });
            }
            ServiceProcess sleeper = captures[random.nextInt(2)];
            court.under("asleep beyond its session", Effect.LATE, () -> {
                sleeper.pause();
                Rest.of(SESSION_IS_OVER);
                deployment.awaitProtected(oracle.now());
                sleeper.resume();
                oracle.awaitWrites(500, WITHIN);
            });

            court.adjourn();
        }
    }

    /** Before it covers, nobody stands by, and the death of the other one is a gap by right. */
    private static void awaitStandby(List<RedisServer> nodes, Deployment deployment, Oracle oracle) {
        nodes.forEach(StandbyTest::awaitWatchesOfBoth);
        // What they hold begins before the last tidemark from then on.
        deployment.awaitProtected(oracle.now());
    }

    private static void awaitWatchesOfBoth(RedisServer node) {
        RedisClient client = RedisClient.create(node.uri().toString());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            Map<String, Long> before = beats(connection.sync());
            Await.until(
                    WITHIN,
                    () -> beats(connection.sync()).entrySet().stream()
                                    .filter(beat -> beat.getValue() >= before.getOrDefault(beat.getKey(), 0L) + 2)
                                    .count()
                            >= WATCHERS_OF_TWO,
                    "both captures watch, with a barrier of each watch behind them");
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    /**
     * How often each watch, also of the dead, has written to its canary, which may be in the place of a dead one's. A barrier
     * is begun when the one before has completed.
     */
    private static Map<String, Long> beats(RedisCommands<String, String> redis) {
        Map<String, Long> beats = new HashMap<>();
        for (String canary : redis.keys("tidemark:canary:*")) {
            List<KeyValue<String, String>> found = redis.hmget(canary, "watch", "n");
            found.get(1).ifHasValue(n -> beats.put(found.get(0).getValueOrElse(canary), Long.parseLong(n)));
        }
        return beats;
    }

    private static void requireTidemarkBack(Deployment deployment, Oracle oracle) {
        Instant died = oracle.now();
        deployment.awaitProtected(died);
        assertThat(Duration.between(died, oracle.now()))
                .as("until a tidemark was younger than the death")
                .isLessThan(TIDEMARK_BACK_WITHIN);
    }
}
