package dev.tidemark.standalone.endtoend;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Tidemark as a user would run it: a Redis, a broker, a bucket, capture and the compactor. */
final class Deployment implements AutoCloseable {
    private static final Duration PROTECTED_WITHIN = Duration.ofSeconds(90);

    final RedisServer redis;
    final KafkaBroker kafka;
    final S3Endpoint s3;
    final ServiceProcess capture;
    final ServiceProcess compactor;
    private final Path directory;
    private final Path config;
    private final Settings settings;
    private final List<ServiceProcess> more = new ArrayList<>();

    private Deployment(Path directory, int shards, Duration cutAge) {
        this.directory = directory;
        redis = RedisServer.start();
        kafka = KafkaBroker.start();
        s3 = S3Endpoint.start();
        settings = Settings.of(
                        SourceSettings.of("e2e", shards),
                        RedisSettings.at(redis.uri()),
                        KafkaSettings.singleBroker(kafka.bootstrap()),
                        S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())))
                .with(cutAfter(cutAge, directory.resolve("streams")));
        config = write(directory.resolve("tidemark.yml"));
        capture = service("capture");
        compactor = service("compact");
    }

    static Deployment start(Path directory, int shards, Duration cutAge) {
        return new Deployment(directory, shards, cutAge);
    }

    Settings settings() {
        return settings;
    }

    /** One more capture of the same source, as an operator who takes the first one for dead would start. */
    ServiceProcess anotherCapture() {
        ServiceProcess another =
                new ServiceProcess("capture", config, directory.resolve("capture-" + more.size() + ".log"));
        more.add(another);
        return another;
    }

    Points points(boolean withTail) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.points(withTail);
        }
    }

    /** Waits until the present can be restored. */
    Points awaitProtected(Instant past) {
        return awaitPoints(
                points -> points.latest().map(past::isBefore).orElse(false), "restorable past " + past, true);
    }

    /** Waits until the present can be restored from S3 alone. */
    Points awaitArchived(Instant past) {
        return awaitPoints(points -> points.latest().map(past::isBefore).orElse(false), "on S3 past " + past, false);
    }

    private Points awaitPoints(Predicate<Points> enough, String what, boolean withTail) {
        return Await.value(
                PROTECTED_WITHIN,
                () -> Optional.of(points(withTail)).filter(enough),
                what + "; see the logs in " + directory);
    }

    private ServiceProcess service(String command) {
        return new ServiceProcess(command, config, directory.resolve(command + ".log"));
    }

    private static CompactorSettings cutAfter(Duration age, Path state) {
        CompactorSettings defaults = CompactorSettings.defaults();
        return new CompactorSettings(age, defaults.segmentBytesMax(), defaults.applicationId(), state);
    }

    private Path write(Path file) {
        String yaml = """
                source: {name: %s, shards: %d}
                redis: {uri: "%s"}
                kafka: {bootstrap: "%s", single-copy: true}
                s3: {bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key: "%s"}
                compactor: {cut-age: %ds, state-dir: "%s"}
                """.formatted(
                        settings.source().name(),
                        settings.source().shards(),
                        redis.uri(),
                        kafka.bootstrap(),
                        s3.bucket(),
                        s3.uri(),
                        s3.accessKey(),
                        s3.secretKey(),
                        settings.compactor().cutAge().toSeconds(),
                        directory.resolve("streams"));
        try {
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        more.forEach(ServiceProcess::close);
        capture.close();
        compactor.close();
        kafka.close();
        s3.close();
        redis.close();
    }
}
