package dev.tidemark.standalone.endtoend;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TailUse;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.SentinelSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
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
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Tidemark as a user would run it on a Redis of his: capture and the compactor, on a broker and a bucket. */
final class Deployment implements AutoCloseable {
    private static final Duration PROTECTED_WITHIN = Duration.ofMinutes(3);
    private static final Duration CUT_AGE = Duration.ofSeconds(3);
    /** Short, so that every test sees some; and what a court asks for late in a soak costs it no more than early. */
    private static final Duration BASES_APART = Duration.ofSeconds(30);

    final KafkaBroker kafka;
    final S3Endpoint s3;
    final ServiceProcess capture;
    final ServiceProcess compactor;
    private final Path directory;
    private final Path config;
    private final Settings settings;
    private final Duration basesApart;
    private final List<ServiceProcess> more = new ArrayList<>();

    private Deployment(
            Path directory,
            Ground ground,
            KafkaSettings brokers,
            SourceSettings source,
            RedisSettings redis,
            Duration basesApart) {
        this.directory = directory;
        this.basesApart = basesApart;
        kafka = ground.kafka();
        s3 = ground.s3();
        settings = Settings.of(
                        source,
                        redis,
                        brokers,
                        S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())))
                .with(cutAfter(CUT_AGE, directory.resolve("streams")));
        config = write(directory.resolve("tidemark.yml"));
        capture = service("capture");
        compactor = service("compact");
    }

    /**
     * Starts it.
     *
     * @param source whose name nobody else on this ground has
     */
    static Deployment start(Path directory, Ground ground, SourceSettings source, RedisSettings redis) {
        return start(directory, ground, oneBroker(ground), source, redis);
    }

    /** The same on more brokers than that of the ground. */
    static Deployment start(
            Path directory, Ground ground, KafkaSettings brokers, SourceSettings source, RedisSettings redis) {
        return new Deployment(directory, ground, brokers, source, redis, BASES_APART);
    }

    /** The same, whose log has no base but those that doubts make. */
    static Deployment startWithoutBases(Path directory, Ground ground, SourceSettings source, RedisSettings redis) {
        return new Deployment(directory, ground, oneBroker(ground), source, redis, Duration.ZERO);
    }

    private static KafkaSettings oneBroker(Ground ground) {
        return KafkaSettings.singleBroker(ground.kafka().bootstrap());
    }

    Settings settings() {
        return settings;
    }

    /** One more capture of the same source: a standby, or what an operator starts who takes the first one for dead. */
    ServiceProcess anotherCapture() {
        ServiceProcess another =
                new ServiceProcess("capture", config, directory.resolve("capture-" + more.size() + ".log"));
        more.add(another);
        return another;
    }

    /** For commands of whoever runs it. */
    Path config() {
        return config;
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

    /** Waits until a restore to the latest moment holds all that was written by then: until its exactness reaches no further back. */
    Instant awaitHolding(Instant written) {
        awaitProtected(written);
        try (Restorer restorer = Restorer.open(settings)) {
            return Await.seldom(
                    PROTECTED_WITHIN,
                    () -> Optional.of(withTail(() -> restorer.plan(Optional.empty(), true)))
                            .filter(plan -> plan.to().minus(plan.exactness()).isAfter(written))
                            .map(RestorePlan::to),
                    "holding all of " + written + "; see the logs in " + directory);
        }
    }

    /** Plans again until Kafka was heard: a restore waits for it some seconds only, which a busy machine may need for an answer. */
    static RestorePlan withTail(Supplier<RestorePlan> planning) {
        return Await.seldom(
                PROTECTED_WITHIN,
                () -> {
                    try {
                        return Optional.of(planning.get())
                                .filter(plan -> plan.tail().state() != TailUse.State.UNUSABLE);
                    } catch (TidemarkError refused) {
                        if (refused.getMessage().contains("The tail of the log was not used")) {
                            return Optional.empty();
                        }
                        throw refused;
                    }
                },
                "Kafka to be heard by who plans a restore");
    }

    /** Waits until the present can be restored from S3 alone. */
    Points awaitArchived(Instant past) {
        return awaitPoints(points -> points.latest().map(past::isBefore).orElse(false), "on S3 past " + past, false);
    }

    private Points awaitPoints(Predicate<Points> enough, String what, boolean withTail) {
        try (Restorer restorer = Restorer.open(settings)) {
            return Await.seldom(
                    PROTECTED_WITHIN,
                    () -> Optional.of(restorer.points(withTail)).filter(enough),
                    what + "; see the logs in " + directory);
        }
    }

    private ServiceProcess service(String command) {
        return new ServiceProcess(command, config, directory.resolve(command + ".log"));
    }

    private static CompactorSettings cutAfter(Duration age, Path state) {
        return CompactorSettings.defaults().cutting(age, state);
    }

    private Path write(Path file) {
        String yaml = """
                source: {name: %s, shards: %d%s}
                redis: {%s}
                kafka: {bootstrap: "%s", single-copy: %s}
                s3: {bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key-file: "%s"}
                capture: {resync-interval: %ds}
                compactor: {cut-age: %ds, state-dir: "%s"}
                http: {capture-port: 0, compactor-port: 0}
                """.formatted(
                        settings.source().name(),
                        settings.source().shards(),
                        journal(settings.source()),
                        redis(),
                        settings.kafka().bootstrap(),
                        settings.kafka().singleCopy(),
                        s3.bucket(),
                        s3.uri(),
                        s3.accessKey(),
                        secret("s3-secret", s3.secretKey()),
                        basesApart.toSeconds(),
                        settings.compactor().cutAge().toSeconds(),
                        directory.resolve("streams"));
        try {
            return Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String redis() {
        RedisSettings redis = settings.redis();
        List<String> keys = new ArrayList<>();
        keys.add("uri: \"%s\"".formatted(redis.uri().orElseThrow()));
        keys.add("cluster: " + redis.cluster());
        keys.add(redis.seeds().stream()
                .map(seed -> '"' + seed + '"')
                .collect(Collectors.joining(", ", "seeds: [", "]")));
        redis.sentinel().master().ifPresent(master -> keys.add(sentinel(master, redis.sentinel())));
        redis.username().ifPresent(user -> keys.add("username: " + user));
        redis.password()
                .ifPresent(password ->
                        keys.add("password-file: \"%s\"".formatted(secret("redis-password", password.reveal()))));
        redis.caFile().ifPresent(file -> keys.add("ca-file: \"%s\"".formatted(file)));
        return String.join(", ", keys);
    }

    private String sentinel(String master, SentinelSettings sentinel) {
        List<String> keys = new ArrayList<>(List.of("master: " + master));
        sentinel.username().ifPresent(user -> keys.add("username: " + user));
        sentinel.password()
                .ifPresent(password ->
                        keys.add("password-file: \"%s\"".formatted(secret("sentinel-password", password.reveal()))));
        return "sentinel: {%s}".formatted(String.join(", ", keys));
    }

    private Path secret(String name, String value) {
        try {
            return Files.writeString(directory.resolve(name), value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String journal(SourceSettings source) {
        return source.journaled()
                ? ", kind: journal, journal: {streams: %s, writers: %s}"
                        .formatted(source.journal().streams(), source.journal().writers())
                : "";
    }

    @Override
    public void close() {
        more.forEach(ServiceProcess::close);
        capture.close();
        compactor.close();
    }
}
