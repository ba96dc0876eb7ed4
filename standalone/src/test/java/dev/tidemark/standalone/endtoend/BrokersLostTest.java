package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.CaptureCheckup;
import dev.tidemark.oracle.Oracle;
import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Finding.State;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.KafkaCluster;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.standalone.endtoend.Court.Effect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three brokers with three copies: one of them may die, sleep or lose its disk, and two may be away for a while. That is late
 * and nothing worse, whoever leads the log next.
 */
@ExtendWith(OneCourtAtATime.class)
class BrokersLostTest {
    private static final int SHARDS = 2;
    private static final int WRITES_MEANWHILE = 300;
    private static final Duration WITHIN = Duration.ofMinutes(2);
    /** Longer than the controllers and the group wait for a sign of life. */
    private static final Duration ASLEEP = Duration.ofSeconds(8);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_130L));

    @Test
    void noMomentIsLostWithABroker() {
        SourceSettings source = SourceSettings.of("e2e-brokers", SHARDS);
        try (RedisServer redis = RedisServer.start();
                KafkaCluster kafka = KafkaCluster.start();
                S3Endpoint s3 = S3Endpoint.start();
                Oracle oracle = Oracle.open(redis.uri(), Pace.seeded(random.nextLong()));
                Deployment deployment = Deployment.start(
                        directory,
                        new Ground(kafka.brokers().get(0), s3),
                        KafkaSettings.at(kafka.bootstrap()),
                        source,
                        RedisSettings.at(redis.uri()));
                Court court = Court.convene(deployment, oracle, RedisServer.Options.defaults(), random)) {
            String changes = LogTopics.first(source.name()).changes();

            court.under("who leads a shard killed", Effect.LATE, () -> {
                KafkaBroker leader = kafka.leaderOf(changes, 0);
                leader.kill();
                oracle.awaitWrites(WRITES_MEANWHILE, WITHIN);
                deployment.awaitProtected(oracle.now());
                assertThat(missing(deployment))
                        .as("what the doctor misses while one broker of three is down")
                        .isEmpty();
                leader.restart();
            });
            court.under("who leads a shard asleep", Effect.LATE, () -> {
                KafkaBroker leader = kafka.leaderOf(changes, 1);
                leader.pause();
                Rest.of(ASLEEP);
                leader.resume();
            });
            court.under("a disk lost", Effect.LATE, () -> {
                KafkaBroker leader = kafka.leaderOf(changes, 0);
                leader.killAndDeleteData();
                leader.restart();
            });
            court.under("two brokers killed", Effect.LATE, () -> {
                List<KafkaBroker> two = kafka.brokers().subList(0, 2);
                two.forEach(KafkaBroker::kill);
                oracle.awaitWrites(WRITES_MEANWHILE, WITHIN);
                two.parallelStream().forEach(KafkaBroker::restart);
            });

            court.adjourn();
        }
    }

    private static List<Finding> missing(Deployment deployment) {
        Findings findings = Findings.of("kafka", deployment.settings().kafka().bootstrap());
        CaptureCheckup.kafka(deployment.settings(), findings);
        return findings.soFar().stream()
                .filter(each -> each.state() == State.MISSING)
                .toList();
    }
}
