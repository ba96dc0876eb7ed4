package dev.tidemark.capture;

import dev.tidemark.archive.Archive;
import dev.tidemark.capture.proof.KeyRef;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.CaptureSettings;
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
import io.lettuce.core.KeyValue;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A capture between a real Redis and a real Kafka, and what can be read of it in the log. */
final class CaptureFixture implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(90);
    static final int SHARDS = 2;
    private static final AtomicInteger SOURCES = new AtomicInteger();

    final RedisServer redis;
    final RedisClient client;
    Settings settings;
    final LogTopics topics;
    StatefulRedisConnection<String, String> connection;
    RedisCommands<String, String> commands;
    private final List<Capture> captures = new ArrayList<>();
    /** Kept open: it is asked many times a second. */
    final LoggedByCapture logged;

    CaptureFixture(KafkaBroker kafka) {
        this(kafka, RedisServer.start(), UnaryOperator.identity());
    }

    CaptureFixture(KafkaBroker kafka, RedisServer redis, UnaryOperator<URI> seenByCapture) {
        this.redis = redis;
        client = RedisClient.create(redis.uri().toString());
        connection = client.connect();
        commands = connection.sync();
        String source = "test-" + SOURCES.incrementAndGet();
        topics = LogTopics.first(source);
        settings = Settings.of(
                        SourceSettings.of(source, SHARDS),
                        RedisSettings.at(seenByCapture.apply(redis.uri())),
                        KafkaSettings.singleBroker(kafka.bootstrap()),
                        S3Settings.defaults())
                .with(quick());
        logged = new LoggedByCapture(settings.kafka(), topics);
    }

    static CaptureSettings quick() {
        return quick(
                CaptureSettings.defaults().resyncKeysPerSecond(),
                CaptureSettings.defaults().resyncInterval());
    }

    static CaptureSettings quick(int resyncKeysPerSecond, Duration resyncInterval) {
        CaptureSettings defaults = CaptureSettings.defaults();
        return new CaptureSettings(
                Duration.ofMillis(200),
                defaults.openBytesMax(),
                defaults.readsInFlightMax(),
                defaults.bytesInFlightMax(),
                defaults.inlineBytesMax(),
                defaults.spoolDir(),
                defaults.blobBytesPerSecond(),
                resyncKeysPerSecond,
                defaults.resyncBytesPerSecond(),
                resyncInterval);
    }

    /** With one try each, so that a test of its faults is quick. */
    void keepLargeValuesOn(S3Endpoint s3) {
        settings = settings.with(new S3Settings(
                s3.bucket(),
                "",
                Optional.of(s3.uri()),
                "us-east-1",
                true,
                Optional.of(s3.accessKey()),
                Optional.of(Secret.of(s3.secretKey())),
                Optional.empty(),
                S3Settings.defaults().checksums(),
                Duration.ofSeconds(30),
                1));
    }

    /** What {@link #keepLargeValuesOn} arranges, and a way to look at it; the caller closes it. */
    Archive archiveOn(S3Endpoint s3) {
        keepLargeValuesOn(s3);
        return Archive.open(settings.s3(), settings.source().name());
    }

    void spoolIn(Path directory) {
        CaptureSettings own = settings.capture();
        settings = settings.with(new CaptureSettings(
                own.barrierInterval(),
                own.openBytesMax(),
                own.readsInFlightMax(),
                own.bytesInFlightMax(),
                own.inlineBytesMax(),
                directory,
                own.blobBytesPerSecond(),
                own.resyncKeysPerSecond(),
                own.resyncBytesPerSecond(),
                own.resyncInterval()));
    }

    Capture startCapture() {
        return startCapture(new SimpleMeterRegistry());
    }

    Capture startCapture(MeterRegistry registry) {
        return startCapture(settings, registry);
    }

    /** One with settings of its own. */
    Capture startCapture(Settings others, MeterRegistry registry) {
        Capture capture = Capture.start(others, registry);
        captures.add(capture);
        return capture;
    }

    /** Starts it and waits until everything there is has been claimed. */
    void startAndCover() {
        startCapture();
        awaitTidemarksPast(redisMicros());
    }

    @Override
    public void close() {
        captures.forEach(Capture::close);
        logged.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        redis.close();
    }

    /** Kills the clients of which the server says this, all at one moment: who is killed first is not back before the last. */
    long killClients(Predicate<String> concerned) {
        List<Long> ids = commands.clientList()
                .lines()
                .filter(concerned)
                .map(line -> Long.valueOf(line.replaceAll("^id=(\\d+) .*", "$1")))
                .toList();
        commands.multi();
        ids.forEach(id -> commands.clientKill(KillArgs.Builder.id(id)));
        return commands.exec().stream().mapToLong(killed -> (Long) killed).sum();
    }

    /** Kills the first such client, and says which it was. */
    String killOne(Predicate<String> concerned) {
        for (String line : commands.clientList().lines().toList()) {
            if (concerned.test(line)) {
                String id = line.replaceAll("^id=(\\d+) .*", "$1");
                commands.clientKill(KillArgs.Builder.id(Long.parseLong(id)));
                return id;
            }
        }
        throw new AssertionError("no such client");
    }

    /** Kills the such client that connected last. */
    void killNewest(Predicate<String> concerned) {
        long newest = commands.clientList()
                .lines()
                .filter(concerned)
                .mapToLong(line -> Long.parseLong(line.replaceAll("^id=(\\d+) .*", "$1")))
                .max()
                .orElseThrow();
        commands.clientKill(KillArgs.Builder.id(newest));
    }

    void awaitWatchers(int count) {
        Await.until(
                SOON,
                () -> commands.clientList()
                                .lines()
                                .filter(CaptureFixture::tracks)
                                .count()
                        == count,
                count + " watchers");
    }

    /**
     * Waits until two watches hold what they see and claims have come since: from now on either may be lost. How long that takes is
     * the machine's to say.
     */
    void awaitBothCover() {
        Map<String, Long> before = beats();
        Await.until(
                SOON,
                () -> beats().entrySet().stream()
                                .filter(beat -> beat.getValue() >= before.getOrDefault(beat.getKey(), 0L) + 2)
                                .count()
                        >= 2,
                "two watches with a barrier each behind them");
        awaitTidemarksPast(redisMicros());
    }

    /**
     * How often each watch has written to its canary, which may be in the place of a dead one's. A barrier is begun when the
     * one before has completed.
     */
    private Map<String, Long> beats() {
        Map<String, Long> beats = new HashMap<>();
        for (String canary : canaries()) {
            List<KeyValue<String, String>> found = commands.hmget(canary, "watch", "n");
            found.get(1).ifHasValue(n -> beats.put(found.get(0).getValueOrElse(canary), Long.parseLong(n)));
        }
        return beats;
    }

    static boolean tracks(String client) {
        return !client.contains(" sub=0 ");
    }

    static boolean takesNotifications(String client) {
        return !client.contains(" psub=0 ");
    }

    static boolean isCapture(String client) {
        return client.contains(" name=tidemark-capture ");
    }

    boolean knows(String command) {
        return commands.commandInfo(command).get(0) != null;
    }

    List<String> canaries() {
        return commands.keys("tidemark:canary:*");
    }

    /** Makes this server a replica of one that has all it has: so nothing is replaced, and no connection is lost. */
    void demoteBelow(RedisServer heir) {
        RedisClient heirs = RedisClient.create(heir.uri().toString());
        try (StatefulRedisConnection<String, String> connected = heirs.connect()) {
            connected.sync().replicaof("127.0.0.1", redis.port());
            heir.awaitInSync();
            // The first replica changes the replication id, which is a doubt of its own.
            awaitTidemarksPast(redisMicros());
            connected.sync().replicaofNoOne();
            commands.replicaof("127.0.0.1", heir.port());
        } finally {
            heirs.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    void reconnect() {
        connection.close();
        connection = client.connect();
        commands = connection.sync();
    }

    void awaitDoubt(String reason) {
        Await.until(
                SOON,
                () -> logged.doubts().stream().anyMatch(doubt -> doubt.matches(".*(" + reason + ").*")),
                "a doubt that says: " + reason);
    }

    static KeyRef ref(Bytes key) {
        return new KeyRef(0, key);
    }

    static List<String> present(Map<KeyRef, Value> states) {
        return states.entrySet().stream()
                .filter(entry -> !(entry.getValue() instanceof Value.Absent))
                .map(entry -> entry.getKey().key().asUtf8().orElseThrow())
                .toList();
    }

    long redisMicros() {
        List<String> time = commands.time();
        return Long.parseLong(time.get(0)) * 1_000_000 + Long.parseLong(time.get(1));
    }

    void awaitTidemarksPast(long micros) {
        Await.until(
                SOON,
                () -> logged.lastTidemarks().stream()
                                .filter(last -> last.throughMicros() > micros)
                                .count()
                        == SHARDS,
                "a tidemark of every shard past " + micros);
    }
}
