package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.settings.JournalSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The journal's whole advantage: the only capture dies without a word, under load, and no moment is lost. */
@ExtendWith(SharedGround.class)
class JournalSourceTest {
    private static final String STREAM = "chunks-journal";

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_121L));

    @Test
    void noMomentIsLostWhenTheOnlyCaptureIsKilledUnderLoad(Ground ground) {
        SourceSettings source = SourceSettings.of("e2e-journal", 2)
                .journaledIn(new JournalSettings(List.of(STREAM), List.of("default"), false));
        try (RedisServer redis = RedisServer.start();
                RedisServer scratch = RedisServer.start();
                Deployment deployment = Deployment.start(directory, ground, source, RedisSettings.at(redis.uri()));
                JournalWriter writer = new JournalWriter(redis.uri(), STREAM, random)) {
            deployment.awaitProtected(writer.now());
            writer.awaitWrites(500);

            Instant killed = writer.now();
            deployment.capture.kill();
            writer.awaitWrites(1_000);
            Instant back = writer.now();
            deployment.capture.start();
            writer.awaitWrites(500);
            Points points = deployment.awaitProtected(writer.now());

            assertThat(points.ranges())
                    .as("one range, without a hole: %s", points.gaps())
                    .hasSize(1);
            Duration outage = Duration.between(killed, back);
            judge(deployment, writer, scratch, killed.plus(outage.dividedBy(2)));
            judge(deployment, writer, scratch, points.latest().orElseThrow());
        }
    }

    private static void judge(Deployment deployment, JournalWriter writer, RedisServer scratch, Instant at) {
        try (Restorer restorer = Restorer.open(deployment.settings())) {
            RestorePlan plan = Deployment.withTail(() -> restorer.plan(Optional.of(at), true));
            restorer.restore(
                    plan,
                    RestoreTarget.at(scratch.uri()),
                    RestoreOptions.careful().replacing(),
                    RestoreListener.silent());
            writer.check(scratch.uri(), at, plan.exactness());
        }
    }
}
