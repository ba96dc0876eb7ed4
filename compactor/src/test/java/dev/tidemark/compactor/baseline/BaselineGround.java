package dev.tidemark.compactor.baseline;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SourceDoor;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;

/** A broker and a bucket, for baselines of servers with a watch that is simulated. */
final class BaselineGround implements AutoCloseable {
    private final KafkaBroker kafka = KafkaBroker.start();
    final S3Endpoint s3 = S3Endpoint.start();

    static Baseline take(Settings settings, Function<BaselineTaker, Baseline> way) {
        try (BaselineTaker taker = BaselineTaker.open(settings, Clock.systemUTC())) {
            return way.apply(taker);
        }
    }

    Settings settings(String source, URI redis) {
        return settings(source, RedisSettings.at(redis));
    }

    Settings settings(String source, RedisSettings redis) {
        return Settings.of(
                SourceSettings.of(source, 1),
                redis,
                KafkaSettings.singleBroker(kafka.bootstrap()),
                S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())));
    }

    Archive archive(String source) {
        return Archive.open(settings(source, URI.create("redis://127.0.0.1")).s3(), source);
    }

    SimulatedWatch watch(Settings settings) {
        String source = settings.source().name();
        createTopics(source);
        return new SimulatedWatch(
                settings.kafka(),
                LogTopics.first(source),
                new SourceDoor(settings.redis(), BaselineTaker.SILENCE_MAX),
                settings.source());
    }

    void createTopics(String source) {
        new TopicSetup(
                        KafkaSettings.singleBroker(kafka.bootstrap()),
                        LogTopics.first(source),
                        1,
                        1 << 20,
                        Duration.ofSeconds(30))
                .ensure();
    }

    /** One that has had a replica once. */
    static RedisServer serverWithBacklog(RedisServer.Options options) throws IOException {
        RedisServer redis = RedisServer.start(options);
        SourceDoor door = new SourceDoor(RedisSettings.at(redis.uri()), BaselineTaker.SILENCE_MAX);
        config(redis, "repl-backlog-ttl", "0");
        ReplicationStream.open(door, door.configured().get(0), () -> {}).close();
        return redis;
    }

    static void config(RedisServer server, String parameter, String value) throws IOException {
        try (RedisSocket redis = connected(server)) {
            redis.call("CONFIG", "SET", parameter, value);
        }
    }

    static RedisSocket connected(RedisServer server) throws IOException {
        SourceDoor door = new SourceDoor(RedisSettings.at(server.uri()), BaselineTaker.SILENCE_MAX);
        return door.node(door.configured().get(0));
    }

    @Override
    public void close() {
        s3.close();
        kafka.close();
    }
}
