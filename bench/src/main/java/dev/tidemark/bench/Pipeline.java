package dev.tidemark.bench;

import dev.tidemark.capture.Capture;
import dev.tidemark.compactor.Compactor;
import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Capture and compactor in this JVM, at work for one source. */
final class Pipeline implements AutoCloseable {
    static final int SHARDS = SourceSettings.defaults().shards();
    private static final Duration LIVE_WITHIN = Duration.ofMinutes(10);
    private static final byte[] FLUSHALL = "FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Opened opened = new Opened();
    private final Settings settings;
    private final PlainRedis client;
    private final Restorer restorer;

    private Pipeline(Settings settings, Ground ground, Consumer<PlainRedis> content) {
        this.settings = settings;
        try {
            opened.add(() -> delete(settings.compactor().stateDir()));
            client = opened.add(new PlainRedis(ground.redis()));
            client.exchange(FLUSHALL, "+OK\r\n".length());
            content.accept(client);
            restorer = opened.add(Restorer.open(settings));
            opened.add(Capture.start(settings));
            opened.add(Compactor.start(settings));
            awaitRestorable(client.timeMicros());
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Returns when the first resync is on S3 and claims follow.
     *
     * @param content fills Redis, which is emptied first, before capture starts
     */
    static Pipeline live(Ground ground, String source, Duration cutAge, Consumer<PlainRedis> content) {
        return new Pipeline(settings(ground, source, cutAge), ground, content);
    }

    PlainRedis client() {
        return client;
    }

    Settings settings() {
        return settings;
    }

    /** What S3 alone can restore, as the command would say it. */
    Points points() {
        return restorer.points(false);
    }

    private static Settings settings(Ground ground, String source, Duration cutAge) {
        S3Endpoint s3 = ground.s3();
        return Settings.of(
                        SourceSettings.of(source, SHARDS),
                        RedisSettings.at(ground.redis().uri()),
                        KafkaSettings.singleBroker(ground.kafka().bootstrap()),
                        S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())))
                .with(CompactorSettings.defaults().cutting(cutAge, temporaryDirectory()));
    }

    private void awaitRestorable(long micros) {
        Instant time = RedisTime.instant(micros);
        Await.until(
                LIVE_WITHIN,
                () -> points().latest().filter(time::isBefore).isPresent(),
                "the first resync is on S3, and claims past " + time);
    }

    static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("tidemark-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory", e);
        }
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() {
        opened.close();
    }
}
