package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** As docs/runbooks/kafka-lost.md has it: the log is gone for good, and the same Redis goes on under a name of its own. */
class KafkaLostTest {
    private static final int SHARDS = 2;
    private static final int WRITES = 300;
    private static final Duration WITHIN = Duration.ofMinutes(2);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void timesBeforeAreRestoredUnderTheOldNameAndTimesAfterUnderTheNewOne() throws IOException {
        try (RedisServer redis = RedisServer.start();
                RedisServer scratch = RedisServer.start();
                Ground ground = Ground.start();
                Oracle oracle = Oracle.open(redis.uri(), Pace.seeded(20_261_129L))) {
            oracle.resume();
            Deployment old = deploy("before-the-loss", ground, redis);
            try (old) {
                oracle.awaitWrites(WRITES, WITHIN);
                old.awaitArchived(oracle.now());
            }
            Points before = old.points(false);
            ground.kafka().killAndDeleteData();
            ground.kafka().restart();
            oracle.awaitWrites(WRITES, WITHIN);

            try (Deployment renamed = deploy("after-the-loss", ground, redis)) {
                Instant renamedAt = oracle.now();
                oracle.awaitWrites(WRITES, WITHIN);
                Points after = renamed.awaitArchived(oracle.now());

                assertThat(after.ranges().get(0).from()).isAfter(renamedAt);
                judge(old, before.latest().orElseThrow(), oracle, scratch);
                judge(renamed, after.latest().orElseThrow(), oracle, scratch);
                assertThat(old.points(true).latest())
                        .as("the old name, though Kafka has nothing of it")
                        .isEqualTo(before.latest());
            }
        }
    }

    private Deployment deploy(String name, Ground ground, RedisServer redis) throws IOException {
        return Deployment.start(
                Files.createDirectory(directory.resolve(name)),
                ground,
                SourceSettings.of(name, SHARDS),
                RedisSettings.at(redis.uri()));
    }

    private static void judge(Deployment deployment, Instant at, Oracle oracle, RedisServer scratch) {
        try (Restorer restorer = Restorer.open(deployment.settings())) {
            RestorePlan plan = restorer.plan(Optional.of(at), false);
            assertThat(restorer.restore(
                                    plan,
                                    RestoreTarget.at(scratch.uri()),
                                    RestoreOptions.careful().replacing(),
                                    RestoreListener.silent())
                            .isProven())
                    .isTrue();
            Verdict verdict = oracle.check(scratch.uri(), at, plan.exactness());
            assertThat(verdict.clean()).as("%s: %s", at, verdict).isTrue();
        }
    }
}
