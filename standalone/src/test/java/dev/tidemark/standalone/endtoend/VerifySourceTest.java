package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The source itself against its own archive, once nobody writes any more: every type, by what came through Kafka and S3. */
@ExtendWith(SharedGround.class)
class VerifySourceTest {
    private static final int WRITES = 2_000;
    private static final Duration WITHIN = Duration.ofSeconds(60);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void aQuietSourceIsWhatItsArchiveSays(Ground ground) {
        try (RedisServer redis = RedisServer.start();
                Deployment deployment = Deployment.start(
                        directory, ground, SourceSettings.of("e2e-verify", 2), RedisSettings.at(redis.uri()));
                Oracle oracle = Oracle.open(
                        redis.uri(), OracleOptions.seeded(20_261_125L).withKeysPerThread(200))) {
            oracle.resume();
            oracle.awaitWrites(WRITES, WITHIN);
            Instant busy = deployment.awaitProtected(oracle.now()).latest().orElseThrow();
            oracle.awaitWrites(WRITES, WITHIN);
            oracle.stop();
            deployment.awaitProtected(Instant.now());

            try (Lookout lookout = Lookout.open(deployment.settings(), Clock.systemUTC())) {
                VerifyReport now = verify(lookout, redis, Optional.empty());
                assertThat(now.isSame()).as(now.toString()).isTrue();
                assertThat(now.keysSame()).isPositive();

                VerifyReport earlier = verify(lookout, redis, Optional.of(busy));
                assertThat(earlier.isSame()).isFalse();
            }
        }
    }

    private static VerifyReport verify(Lookout lookout, RedisServer redis, Optional<Instant> at) {
        RestorePlan plan = lookout.plan(at, true);
        return lookout.verify(plan, RestoreTarget.at(redis.uri()), 5, RestoreListener.silent());
    }
}
