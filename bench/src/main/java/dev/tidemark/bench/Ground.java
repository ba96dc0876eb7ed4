package dev.tidemark.bench;

import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.util.function.Consumer;

/** A Redis, a broker and a bucket that nobody else uses. */
final class Ground implements AutoCloseable {
    private final Opened opened = new Opened();
    private final RedisServer redis;
    private final KafkaBroker kafka;
    private final S3Endpoint s3;

    private Ground(S3Endpoint.Options s3Options) {
        try {
            redis = opened.add(RedisServer.start());
            kafka = opened.add(KafkaBroker.start());
            s3 = opened.add(S3Endpoint.start(s3Options));
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    static Ground start(Consumer<String> progress) {
        progress.accept("starting Redis, Kafka and S3");
        return new Ground(S3Endpoint.Options.defaults());
    }

    /** Where others come to S3 than we. */
    static Ground startForOthers(Consumer<String> progress) {
        progress.accept("starting Redis, Kafka and S3");
        return new Ground(S3Endpoint.Options.defaults().ignoringUnknownHeaders());
    }

    RedisServer redis() {
        return redis;
    }

    KafkaBroker kafka() {
        return kafka;
    }

    S3Endpoint s3() {
        return s3;
    }

    @Override
    public void close() {
        opened.close();
    }
}
