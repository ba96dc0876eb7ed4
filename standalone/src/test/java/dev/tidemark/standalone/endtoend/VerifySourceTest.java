package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
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
    private static final int WRITES = 500;
    private static final Duration WITHIN = Duration.ofMinutes(2);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void aQuietSourceIsWhatItsArchiveSays(Ground ground) {
        try (RedisServer redis = RedisServer.start();
                Deployment deployment = Deployment.start(
                        directory, ground, SourceSettings.of("e2e-verify", 2), RedisSettings.at(redis.uri()));
                Oracle oracle = Oracle.open(redis.uri(), Pace.seeded(20_261_125L))) {
            oracle.resume();
            oracle.awaitWrites(WRITES, WITHIN);
            Instant busy = deployment.awaitProtected(oracle.now()).latest().orElseThrow();
            oracle.awaitWrites(WRITES, WITHIN);
            oracle.stop();
            // What was written in the last moment before a claim may still be as it was before it.
            deployment.awaitHolding(Instant.now());

            try (Lookout lookout = Lookout.open(deployment.settings(), Clock.systemUTC())) {
                VerifyReport now = verify(lookout, redis, Optional.empty());
                assertThat(now.isSame()).as(now.toString()).isTrue();
                assertThat(now.keysSame()).isPositive();

                VerifyReport earlier = verify(lookout, redis, Optional.of(busy));
                assertThat(earlier.isSame()).isFalse();

                restoreInPlace(deployment, redis, busy);
                VerifyReport restored = verify(lookout, redis, Optional.of(busy));
                assertThat(restored.isSame()).as(restored.toString()).isTrue();
                // Capture went on, and what it logged meanwhile is the restore itself.
                deployment.awaitHolding(oracle.now());
                VerifyReport logged = verify(lookout, redis, Optional.empty());
                assertThat(logged.isSame()).as(logged.toString()).isTrue();
                assertThat(logged.keysSame()).isPositive();
            }
        }
    }

    private static void restoreInPlace(Deployment deployment, RedisServer redis, Instant to) {
        RestoreTarget source = RestoreTarget.at(redis.uri());
        RestoreOptions replacing = RestoreOptions.careful().replacing();
        try (Restorer restorer = Restorer.open(deployment.settings())) {
            RestorePlan plan = Deployment.withTail(() -> restorer.plan(Optional.of(to), true));
            assertThatThrownBy(() -> restorer.restore(plan, source, replacing, RestoreListener.silent()))
                    .hasMessageContaining("is the captured source itself");
            assertThat(restorer.restore(plan, source, replacing.intoTheSource(), RestoreListener.silent())
                            .isProven())
                    .isTrue();
        }
    }

    private static VerifyReport verify(Lookout lookout, RedisServer redis, Optional<Instant> at) {
        RestorePlan plan = Deployment.withTail(() -> lookout.plan(at, true));
        return lookout.verify(plan, RestoreTarget.at(redis.uri()), 5, RestoreListener.silent());
    }
}
