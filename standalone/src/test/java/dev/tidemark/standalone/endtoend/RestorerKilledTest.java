package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.restorer.ReplicationPort;
import dev.tidemark.restorer.RestoreFile;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A restore in a process of its own is killed while it writes; the next one says what it found, and ends right. */
@TestInstance(Lifecycle.PER_CLASS)
class RestorerKilledTest {
    private static final String NAME = "killed";
    private static final int KEYS = 2_000;
    private static final int VALUE_BYTES = 4_000;
    private static final long SLOW_BYTES_A_SECOND = 2_000_000;
    private static final Duration WITHIN = Duration.ofMinutes(2);

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_128L));
    private final Instant began = Instant.now().minus(Duration.ofMinutes(10));
    private Path directory;
    private S3Endpoint s3;
    private Settings settings;
    private Path config;

    @BeforeAll
    void backUp(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path temporary) throws IOException {
        directory = temporary;
        s3 = S3Endpoint.start();
        S3Settings bucket = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        settings = Settings.of(SourceSettings.of(NAME, 1), RedisSettings.defaults(), KafkaSettings.defaults(), bucket);
        config = Files.writeString(directory.resolve("tidemark.yml"), """
            source: {name: %s, shards: 1}
            s3: {bucket: %s, endpoint: "%s", path-style: true, access-key-id: %s, secret-access-key: %s}
            """.formatted(
                        NAME, s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey()));
        try (Archive archive = Archive.open(bucket, NAME)) {
            archive(archive);
        }
    }

    private void archive(Archive archive) {
        long micros = RedisTime.micros(began);
        SegmentWriter writer = new SegmentWriter(NAME, new SegmentKey(Hour.of(micros), 0, 1, 0));
        writer.add(0, new LogRow.EpochClaimed(0, micros));
        writer.add(1, new LogRow.ResyncBegun(0, micros, "first start"));
        for (int i = 0; i < KEYS; i++) {
            byte[] value = new byte[VALUE_BYTES];
            random.nextBytes(value);
            Bytes key = Bytes.utf8("chunk:" + i);
            Value.Text text = new Value.Text(Bytes.wrap(value));
            writer.add(2 + i, new LogRow.Change(0, micros, micros - 1, 0, key, text, OptionalLong.empty(), ""));
        }
        int end = KEYS + 3;
        writer.add(end - 1, new LogRow.ResyncEnded(0, micros, 1));
        ClaimInterval claim = new ClaimInterval(new Base(1, end - 1, micros), micros + 1_000_000, end, 1_000_000);
        archive.put(writer.finish(end, 0, micros, List.of(claim)));
    }

    @AfterAll
    void stop() {
        s3.close();
    }

    @Test
    void intoAServer() {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            slow.bandwidth(SLOW_BYTES_A_SECOND);
            long moment = 10L + random.nextInt(KEYS / 2);
            killed(
                    () -> asked.redis().dbsize() > moment,
                    "--into",
                    slow.uri("redis").toString());
            RestoreTarget there = RestoreTarget.at(target.uri());

            assertThatThrownBy(() -> restore(there, RestoreOptions.careful().replacing()))
                    .hasMessageContaining("is locked: restore of killed to")
                    .hasMessageContaining("DEL tidemark:restore-lock there");
            assertThat(asked.redis().dbsize()).isBetween(moment, KEYS + 1L);
            asked.redis().del("tidemark:restore-lock");
            assertThatThrownBy(() -> restore(there, RestoreOptions.careful())).hasMessageContaining("is not empty");
            RestoreReport report = restore(there, RestoreOptions.careful().merging());

            assertThat(report.isProven()).isTrue();
            assertThat(report.keysWritten()).isEqualTo(KEYS);
            assertThat(report.limits()).anyMatch(limit -> limit.matches("\\d+ keys were there before .*"));
            assertThat(asked.redis().dbsize()).isEqualTo(KEYS);
        }
    }

    @Test
    void intoAFile() throws IOException {
        Path file = directory.resolve("dump.rdb");
        Path unfinished = directory.resolve("dump.rdb.unfinished");
        killed(() -> Files.exists(unfinished) && unfinished.toFile().length() > 0, "--rdb", file.toString());
        // The moment may have been that of the last byte.
        boolean isWhole = Files.exists(file);
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            RestoreReport report = restorer.restore(
                    plan, new RestoreFile(file), RestoreOptions.careful().replacing(), RestoreListener.silent());

            assertThat(report.isProven()).isTrue();
            assertThat(report.limits().stream().anyMatch(limit -> limit.contains("left by a run that died")))
                    .isEqualTo(!isWhole);
        }
        assertThat(unfinished).doesNotExist();
    }

    @Test
    void asThePrimaryOfAReplica() {
        try (RedisServer target = RedisServer.start();
                Asked asked = new Asked(target)) {
            killed(
                    () -> asked.redis().info("replication").contains("role:slave"),
                    "--serve",
                    Integer.toString(FreePort.next()),
                    "--into",
                    target.uri().toString());

            assertThatThrownBy(() -> serve(target)).hasMessageContaining("say REPLICAOF NO ONE there");
            asked.redis().replicaofNoOne();
            assertThat(serve(target).isProven()).isTrue();
            assertThat(asked.redis().dbsize()).isEqualTo(KEYS);
            assertThat(asked.redis().info("replication")).contains("role:master");
        }
    }

    private void killed(BooleanSupplier moment, String... way) {
        List<String> words = new ArrayList<>(List.of("restore", "--no-tail", "--to", "latest", "--replace"));
        words.addAll(List.of(way));
        words.addAll(List.of("--config", config.toString()));
        Path log = directory.resolve("restore-%d.log".formatted(random.nextInt(1_000_000)));
        try (ServiceProcess process = new ServiceProcess("-Xmx192m", words, log)) {
            Await.closely(WITHIN, moment, "the restore is under way; see " + log);
            process.kill();
        }
    }

    private RestoreReport serve(RedisServer target) {
        ReplicationPort port = new ReplicationPort(
                "127.0.0.1",
                FreePort.next(),
                Optional.empty(),
                Optional.of(RestoreTarget.at(target.uri())),
                Optional.empty(),
                Optional.empty());
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            return restorer.restore(plan, port, RestoreOptions.careful().replacing(), RestoreListener.silent());
        }
    }

    private RestoreReport restore(RestoreTarget target, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            return restorer.restore(plan, target, options, RestoreListener.silent());
        }
    }

    /** A connection of our own to a server. */
    private static final class Asked implements AutoCloseable {
        private final RedisClient client;
        private final RedisCommands<String, String> redis;

        Asked(RedisServer server) {
            client = RedisClient.create(server.uri().toString());
            redis = client.connect().sync();
        }

        RedisCommands<String, String> redis() {
            return redis;
        }

        @Override
        public void close() {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }
}
