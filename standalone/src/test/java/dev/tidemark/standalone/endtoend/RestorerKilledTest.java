package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.restorer.ReplicationPort;
import dev.tidemark.restorer.RestoreFile;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePart;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.Shards;
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
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A restore in a process of its own is killed, or told to stop, while it writes; the next one says what it found, and ends right. */
@TestInstance(Lifecycle.PER_CLASS)
class RestorerKilledTest {
    private static final String NAME = "killed";
    private static final Shards SHARDS = new Shards(2);
    private static final String LOCK = "tidemark:restore-lock";
    private static final int KEYS = 2_000;
    private static final int VALUE_BYTES = 4_000;
    private static final RestorePart PART = new RestorePart(1, 2);
    private static final RestorePart OTHER = new RestorePart(2, 2);
    private static final long SLOW_BYTES_A_SECOND = 2_000_000;
    private static final Duration WITHIN = Duration.ofMinutes(2);

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_128L));
    private final Instant began = Instant.now().minus(Duration.ofMinutes(10)).truncatedTo(ChronoUnit.MILLIS);
    private Path directory;
    private S3Endpoint s3;
    private Settings settings;
    private Path config;

    @BeforeAll
    void backUp(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path temporary) throws IOException {
        directory = temporary;
        s3 = S3Endpoint.start();
        S3Settings bucket = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        settings = Settings.of(
                SourceSettings.of(NAME, SHARDS.count()), RedisSettings.defaults(), KafkaSettings.defaults(), bucket);
        config = Files.writeString(directory.resolve("tidemark.yml"), """
            source: {name: %s, shards: %d}
            s3: {bucket: %s, endpoint: "%s", path-style: true, access-key-id: %s, secret-access-key: %s}
            """.formatted(
                        NAME, SHARDS.count(), s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey()));
        try (Archive archive = Archive.open(bucket, NAME)) {
            archive(archive);
        }
    }

    private void archive(Archive archive) {
        List<List<Bytes>> keys = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < KEYS; i++) {
            Bytes key = Bytes.utf8("chunk:" + i);
            keys.get(SHARDS.of(key)).add(key);
        }
        for (int shard = 0; shard < SHARDS.count(); shard++) {
            archive(archive, shard, keys.get(shard));
        }
    }

    private void archive(Archive archive, int shard, List<Bytes> keys) {
        long micros = RedisTime.micros(began);
        SegmentWriter writer = new SegmentWriter(NAME, new SegmentKey(Hour.of(micros), shard, 1, 0));
        int offset = 0;
        writer.add(offset++, new LogRow.EpochClaimed(0, micros));
        writer.add(offset++, new LogRow.ResyncBegun(0, micros, "first start"));
        for (Bytes key : keys) {
            byte[] value = new byte[VALUE_BYTES];
            random.nextBytes(value);
            Value.Text text = new Value.Text(Bytes.wrap(value));
            writer.add(offset++, new LogRow.Change(0, micros, micros - 1, 0, key, text, OptionalLong.empty(), ""));
        }
        int end = offset + 1;
        writer.add(offset, new LogRow.ResyncEnded(0, micros, 1));
        ClaimInterval claim = new ClaimInterval(new Base(1, offset, micros), micros + 1_000_000, end, 1_000_000);
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
                    whole("--replace", "--into", slow.uri("redis").toString()));
            RestoreTarget there = RestoreTarget.at(target.uri());

            assertThatThrownBy(() -> restore(there, RestoreOptions.careful().replacing()))
                    .hasMessageContaining("is locked: restore of killed to")
                    .hasMessageContaining("DEL tidemark:restore-lock there");
            assertThat(asked.redis().dbsize()).isBetween(moment, KEYS + 1L);
            asked.redis().del(LOCK);
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
        killed(
                () -> Files.exists(unfinished) && unfinished.toFile().length() > 0,
                whole("--replace", "--rdb", file.toString()));
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
                    whole(
                            "--replace",
                            "--serve",
                            Integer.toString(FreePort.next()),
                            "--into",
                            target.uri().toString()));

            assertThatThrownBy(() -> serve(target)).hasMessageContaining("say REPLICAOF NO ONE there");
            asked.redis().replicaofNoOne();
            assertThat(serve(target).isProven()).isTrue();
            assertThat(asked.redis().dbsize()).isEqualTo(KEYS);
            assertThat(asked.redis().info("replication")).contains("role:master");
        }
    }

    /** Whether it still writes nobody can know from here: a person says that it does not. */
    @Test
    void aPartThatIsKilled() {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            slow.bandwidth(SLOW_BYTES_A_SECOND);
            RestoreTarget there = RestoreTarget.at(target.uri());
            killed(() -> asked.redis().dbsize() > 10, part(slow));
            assertThat(restore(there, RestoreOptions.careful().doing(OTHER)).isProven())
                    .isTrue();

            assertThatThrownBy(() ->
                            restore(there, RestoreOptions.careful().merging().doing(PART)))
                    .hasMessageContaining("is locked: restore of killed to")
                    .hasMessageContaining("HDEL %s \"part 1\" there".formatted(LOCK));
            asked.redis().hdel(LOCK, "part 1");

            isDoneAgain(there, asked);
        }
    }

    /** Its lock is gone with it, and what it says of the target is so. */
    @Test
    void aRestoreThatIsToldToStop() throws IOException {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            asked.redis().set("of before", "1");
            slow.bandwidth(SLOW_BYTES_A_SECOND);
            Path said = stopped(
                    () -> asked.redis().dbsize() > 10,
                    whole("--replace", "--into", slow.uri("redis").toString()));

            assertThat(Files.readString(said))
                    .containsPattern(
                            "holds an unfinished restore: up to [0-9,]+ keys were sent to it after all that it had was deleted")
                    .contains("Go on over what is there with --merge, or begin anew with --replace")
                    .doesNotContain("as it was");
            assertThat(asked.redis().exists("of before", LOCK)).isZero();
            assertThat(restore(
                                    RestoreTarget.at(target.uri()),
                                    RestoreOptions.careful().merging())
                            .isProven())
                    .isTrue();
        }
    }

    @Test
    void aRestoreThatIsToldToStopWhileItValidates() throws IOException {
        try (RedisServer target = RedisServer.start();
                Asked asked = new Asked(target);
                Injection slow = s3.faults().delay(Duration.ofSeconds(1), S3Requests.gets())) {
            Path said = stopped(
                    RestorerKilledTest::hasItsPlan,
                    whole(
                            "--serve",
                            Integer.toString(FreePort.next()),
                            "--into",
                            target.uri().toString()));

            assertThat(slow.hits()).isPositive();
            assertThat(Files.readString(said)).contains("is as it was").doesNotContain("still follows");
            assertThat(asked.redis().info("replication")).contains("role:master");
        }
    }

    /** One that is told to follow and cannot come is told to stand alone again. */
    @Test
    void aRestoreThatIsToldToStopBeforeItsReplicaCame() throws IOException {
        // The target lacks it, and so is not let in.
        Path password = Files.writeString(directory.resolve("password"), "s3cret");
        try (RedisServer target = RedisServer.start();
                Asked asked = new Asked(target)) {
            Path said = stopped(
                    () -> asked.redis().info("replication").contains("role:slave"),
                    whole(
                            "--serve",
                            Integer.toString(FreePort.next()),
                            "--serve-password-file",
                            password.toString(),
                            "--into",
                            target.uri().toString()));

            assertThat(Files.readString(said))
                    .contains("Nothing was written to it, and it follows nobody any more")
                    .doesNotContain("may do so still");
            assertThat(asked.redis().info("replication")).contains("role:master");
        }
    }

    @Test
    void aPartThatIsToldToStop() throws IOException {
        try (RedisServer target = RedisServer.start();
                FaultProxy slow = FaultProxy.before(target);
                Asked asked = new Asked(target)) {
            slow.bandwidth(SLOW_BYTES_A_SECOND);
            Path said = stopped(() -> asked.redis().dbsize() > 10, part(slow));

            assertThat(Files.readString(said))
                    .containsPattern("holds an unfinished restore: up to [0-9,]+ keys were sent to it")
                    .contains("Run part 1 of 2 again with --merge; the others are not concerned")
                    .doesNotContain("as it was");
            RestoreTarget there = RestoreTarget.at(target.uri());
            assertThat(restore(there, RestoreOptions.careful().doing(OTHER)).isProven())
                    .isTrue();
            isDoneAgain(there, asked);
        }
    }

    private void isDoneAgain(RestoreTarget there, Asked asked) {
        assertThatThrownBy(() -> restore(there, RestoreOptions.careful().doing(PART)))
                .hasMessageContaining("holds what a failed run left of part 1 of 2")
                .hasMessageContaining("Run this part again with --merge");
        assertThat(restore(there, RestoreOptions.careful().merging().doing(PART))
                        .isProven())
                .isTrue();
        // The lock is gone too: it is a key.
        assertThat(asked.redis().dbsize()).isEqualTo(KEYS);
    }

    private List<String> part(FaultProxy target) {
        return List.of(
                "--to",
                at().toString(),
                "--shard",
                "%d/%d".formatted(PART.number(), PART.of()),
                "--into",
                target.uri("redis").toString());
    }

    private Instant at() {
        return began.plusMillis(500);
    }

    private static List<String> whole(String... way) {
        List<String> words = new ArrayList<>(List.of("--to", "latest"));
        words.addAll(List.of(way));
        return words;
    }

    private void killed(BooleanSupplier moment, List<String> words) {
        Path log = log();
        try (ServiceProcess process = underWay(moment, words, log)) {
            process.kill();
        }
    }

    /** @return what it said */
    private Path stopped(BooleanSupplier moment, List<String> words) {
        return stopped(said -> moment.getAsBoolean(), words);
    }

    private Path stopped(Predicate<Path> moment, List<String> words) {
        Path log = log();
        try (ServiceProcess process = underWay(() -> moment.test(log), words, log)) {
            process.terminate(WITHIN);
        }
        return log;
    }

    private static boolean hasItsPlan(Path said) {
        try {
            return Files.readString(said).contains("takes      about");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServiceProcess underWay(BooleanSupplier moment, List<String> words, Path log) {
        List<String> line = new ArrayList<>(List.of("restore", "--no-tail", "--config", config.toString()));
        line.addAll(words);
        ServiceProcess process = new ServiceProcess("-Xmx192m", line, log);
        try {
            Await.closely(WITHIN, moment, "the restore is under way; see " + log);
            return process;
        } catch (RuntimeException | Error e) {
            process.close();
            throw e;
        }
    }

    private Path log() {
        return directory.resolve("restore-%d.log".formatted(random.nextInt(1_000_000)));
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
            // A part names its time, for the latest may be another one for each.
            RestorePlan plan = restorer.plan(options.part().isWhole() ? Optional.empty() : Optional.of(at()), false);
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
