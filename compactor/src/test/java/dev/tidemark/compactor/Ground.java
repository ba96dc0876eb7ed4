package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.ColumnsSettings;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings and topics of one source for a test. */
record Ground(
        String source, String bootstrap, URI s3, String bucket, String accessKey, String secretKey, Path stateDir) {
    static final int SHARDS = 2;
    private static final int RECORD_BYTES_MAX = 1 << 20;

    LogTopics topics() {
        return LogTopics.first(source);
    }

    KafkaSettings kafka() {
        KafkaSettings single = KafkaSettings.singleBroker(bootstrap);
        return new KafkaSettings(
                bootstrap,
                true,
                true,
                single.retention(),
                ClientProperties.of(Map.of("session.timeout.ms", "6000", "heartbeat.interval.ms", "1000")));
    }

    Ground withStateDir(Path other) {
        return new Ground(source, bootstrap, s3, bucket, accessKey, secretKey, other);
    }

    void createTopics() {
        new TopicSetup(
                        KafkaSettings.singleBroker(bootstrap),
                        topics(),
                        SHARDS,
                        RECORD_BYTES_MAX,
                        Duration.ofSeconds(30))
                .ensure();
    }

    Settings settings(String applicationId, Duration cutAge, long segmentBytesMax) {
        return Settings.of(
                        SourceSettings.of(source, SHARDS),
                        RedisSettings.defaults(),
                        kafka(),
                        S3Settings.at(s3, bucket, accessKey, Secret.of(secretKey)))
                .with(new CompactorSettings(
                        cutAge,
                        segmentBytesMax,
                        Optional.of(applicationId),
                        stateDir,
                        1L << 20,
                        ColumnsSettings.defaults(),
                        Duration.ZERO,
                        256L << 20));
    }

    Archive archive() {
        return Archive.open(settings("reader", Duration.ofSeconds(1), 1).s3(), source);
    }

    List<String> arguments() {
        return List.of(source, bootstrap, s3.toString(), bucket, accessKey, secretKey, stateDir.toString());
    }

    static Ground of(String[] arguments) {
        return new Ground(
                arguments[0],
                arguments[1],
                URI.create(arguments[2]),
                arguments[3],
                arguments[4],
                arguments[5],
                Path.of(arguments[6]));
    }
}
