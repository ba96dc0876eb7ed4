package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.BaselineTurn;
import dev.tidemark.archive.Baselines;
import dev.tidemark.capture.Capture;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.endtoend.RestoreProcesses.Asked;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A baseline in a process of its own is told to stop: nothing of it stays, and the next one need not wait. */
@ExtendWith(SharedGround.class)
class BaselineStoppedTest {
    private static final String NAME = "baseline-stopped";
    private static final Duration WITHIN = Duration.ofMinutes(2);
    private static final int KEYS = 5_000;

    private static final String FILL =
            "for i = 1, ARGV[1] do redis.call('SET', 'chunk:' .. i, string.rep('x', 10000)) end return 'OK'";

    /** So that the snapshot takes ten seconds. */
    private static final int KEY_MICROS = 2_000;

    /** Kept when the test fails: what the process said. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void aBaselineThatIsToldToStop(Ground ground) throws IOException {
        try (RedisServer redis = RedisServer.start();
                RedisServer replica =
                        RedisServer.start(RedisServer.Options.defaults().withReplicaOf(redis.port()));
                Asked primary = new Asked(redis);
                Asked giver = new Asked(replica);
                Archive archive = Archive.open(settings(ground, redis).s3(), NAME);
                Capture capture = Capture.start(settings(ground, redis))) {
            primary.redis().eval(FILL, ScriptOutputType.STATUS, new String[0], Integer.toString(KEYS));
            replica.awaitInSync();
            Await.until(WITHIN, () -> capture.health().isReady(), "capture to be ready, and with it its topics");
            // Fifty megabytes, so that parts are there and on their way.
            giver.redis().configSet("rdbcompression", "no");
            giver.redis().configSet("rdb-key-save-delay", Integer.toString(KEY_MICROS));
            Path said = directory.resolve("baseline.log");
            try (ServiceProcess process = new ServiceProcess("baseline", config(ground, redis), said)) {
                Await.until(WITHIN, () -> isSending(giver), "a snapshot under way; see " + said);

                process.terminate(WITHIN);
            }

            assertThat(Files.readString(said)).contains("nothing was published, and what was uploaded was given up");
            Baselines baselines = archive.baselines();
            assertThat(baselines.abortAbandoned()).isZero();
            assertThat(baselines.manifests()).isEmpty();
            assertThat(baselines.takeTurn("the next", Clock.systemUTC())).isInstanceOf(BaselineTurn.Ours.class);
        }
    }

    private static boolean isSending(Asked giver) {
        return giver.redis()
                .info("persistence")
                .lines()
                .filter(line -> line.startsWith("current_save_keys_processed:"))
                .anyMatch(line -> Integer.parseInt(line.replaceAll("\\D", "")) > KEYS / 2);
    }

    private static Settings settings(Ground ground, RedisServer redis) {
        return Settings.of(
                SourceSettings.of(NAME, 1),
                RedisSettings.at(redis.uri()),
                KafkaSettings.singleBroker(ground.kafka().bootstrap()),
                S3Settings.at(
                        ground.s3().uri(),
                        ground.s3().bucket(),
                        ground.s3().accessKey(),
                        Secret.of(ground.s3().secretKey())));
    }

    private Path config(Ground ground, RedisServer redis) throws IOException {
        return Files.writeString(directory.resolve("tidemark.yml"), """
                source: {name: %s, shards: 1}
                redis: {uri: "%s"}
                kafka: {bootstrap: "%s", single-copy: true}
                s3: {bucket: %s, endpoint: "%s", path-style: true, access-key-id: %s, secret-access-key: %s}
                """.formatted(
                        NAME,
                        redis.uri(),
                        ground.kafka().bootstrap(),
                        ground.s3().bucket(),
                        ground.s3().uri(),
                        ground.s3().accessKey(),
                        ground.s3().secretKey()));
    }
}
