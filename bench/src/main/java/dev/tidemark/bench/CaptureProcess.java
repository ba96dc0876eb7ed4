package dev.tidemark.bench;

import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import java.util.List;

/** Capture in a JVM of its own, as small as it promises to be. */
final class CaptureProcess implements AutoCloseable {
    static final int HEAP_MB = 256;

    private final Settings settings;
    private final ChildJvm jvm;

    CaptureProcess(Ground ground, String source) {
        S3Endpoint s3 = ground.s3();
        settings = CaptureMain.settings(
                source,
                ground.redis().uri(),
                ground.kafka().bootstrap(),
                s3.uri(),
                s3.bucket(),
                s3.accessKey(),
                s3.secretKey());
        jvm = new ChildJvm(
                "capture",
                CaptureMain.class,
                HEAP_MB,
                List.of(),
                List.of(
                        source,
                        ground.redis().uri().toString(),
                        ground.kafka().bootstrap(),
                        s3.uri().toString(),
                        s3.bucket(),
                        s3.accessKey(),
                        s3.secretKey()));
    }

    Settings settings() {
        return settings;
    }

    void requireAlive() {
        jvm.requireAlive();
    }

    long peakRssBytes() {
        return jvm.peakRssBytes();
    }

    @Override
    public void close() {
        jvm.close();
    }
}
