package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.restorer.ReplicationPort;
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

/** A source of two shards on S3, and restores of it in processes of their own that come to an end before theirs. */
final class RestoreProcesses implements AutoCloseable {
    static final String LOCK = "tidemark:restore-lock";
    static final int KEYS = 2_000;
    static final RestorePart PART = new RestorePart(1, 2);
    static final RestorePart OTHER = new RestorePart(2, 2);
    static final long SLOW_BYTES_A_SECOND = 2_000_000;

    private static final String NAME = "killed";
    private static final Shards SHARDS = new Shards(2);
    private static final int VALUE_BYTES = 4_000;
    private static final Duration WITHIN = Duration.ofMinutes(2);

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_128L));
    private final Instant began = Instant.now().minus(Duration.ofMinutes(10)).truncatedTo(ChronoUnit.MILLIS);
    private final S3Endpoint s3 = S3Endpoint.start();
    private final Path directory;
    private final Settings settings;
    private final Path config;

    private RestoreProcesses(Path directory) throws IOException {
        this.directory = directory;
        S3Settings bucket = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        settings = Settings.of(
                SourceSettings.of(NAME, SHARDS.count()), RedisSettings.defaults(), KafkaSettings.defaults(), bucket);
        config = Files.writeString(directory.resolve("tidemark.yml"), """
            source: {name: %s, shards: %d}
            s3: {bucket: %s, endpoint: "%s", path-style: true, access-key-id: %s, secret-access-key: %s}
            """.formatted(
                        NAME, SHARDS.count(), s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey()));
    }

    /** @param directory for logs and configuration */
    static RestoreProcesses of(Path directory) throws IOException {
        RestoreProcesses restores = new RestoreProcesses(directory);
        try (Archive archive = Archive.open(restores.settings.s3(), NAME)) {
            restores.archive(archive);
            return restores;
        } catch (RuntimeException e) {
            restores.close();
            throw e;
        }
    }

    Path directory() {
        return directory;
    }

    Settings settings() {
        return settings;
    }

    S3Endpoint s3() {
        return s3;
    }

    Random random() {
        return random;
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

    static List<String> part(FaultProxy target, Instant at) {
        return List.of(
                "--to",
                at.toString(),
                "--shard",
                "%d/%d".formatted(PART.number(), PART.of()),
                "--into",
                target.uri("redis").toString());
    }

    Instant at() {
        return began.plusMillis(500);
    }

    static List<String> whole(String... way) {
        List<String> words = new ArrayList<>(List.of("--to", "latest"));
        words.addAll(List.of(way));
        return words;
    }

    void killed(BooleanSupplier moment, List<String> words) {
        Path log = log();
        try (ServiceProcess process = underWay(moment, words, log)) {
            process.kill();
        }
    }

    /** By SIGTERM, at that moment; returns what it said. */
    Path stopped(BooleanSupplier moment, List<String> words) {
        return stopped(said -> moment.getAsBoolean(), words);
    }

    Path stopped(Predicate<Path> moment, List<String> words) {
        Path log = log();
        try (ServiceProcess process = underWay(() -> moment.test(log), words, log)) {
            process.terminate(WITHIN);
        }
        return log;
    }

    static boolean hasItsPlan(Path said) {
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

    RestoreReport serve(RedisServer target) {
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

    RestoreReport restore(RestoreTarget target, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(settings)) {
            // A part names its time, for the latest may be another one for each.
            RestorePlan plan = restorer.plan(options.part().isWhole() ? Optional.empty() : Optional.of(at()), false);
            return restorer.restore(plan, target, options, RestoreListener.silent());
        }
    }

    void requirePartDoneAgain(RestoreTarget there, Asked asked) {
        assertThatThrownBy(() -> restore(there, RestoreOptions.careful().doing(PART)))
                .hasMessageContaining("holds what a failed run left of part 1 of 2")
                .hasMessageContaining("Run this part again with --merge");
        assertThat(restore(there, RestoreOptions.careful().merging().doing(PART))
                        .isProven())
                .isTrue();
        // The lock is gone too: it is a key.
        assertThat(asked.redis().dbsize()).isEqualTo(KEYS);
    }

    @Override
    public void close() {
        s3.close();
    }

    /** A connection of our own to a server. */
    static final class Asked implements AutoCloseable {
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
