package dev.tidemark.bench;

import dev.tidemark.capture.Capture;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import java.io.IOException;
import java.net.URI;

/** Capture with its default settings and nothing else in its JVM. It ends with its standard input, so it outlives nobody. */
final class CaptureMain {
    private CaptureMain() {}

    static Settings settings(String source, URI redis, String kafka, URI s3, String bucket, String key, String secret) {
        return Settings.of(
                SourceSettings.of(source, SourceSettings.defaults().shards()),
                RedisSettings.at(redis),
                KafkaSettings.singleBroker(kafka),
                S3Settings.at(s3, bucket, key, Secret.of(secret)));
    }

    /** In the order of {@link #settings}. */
    @SuppressWarnings("try") // It runs beside this thread.
    public static void main(String[] args) throws IOException {
        try (Capture capture = Capture.start(
                settings(args[0], URI.create(args[1]), args[2], URI.create(args[3]), args[4], args[5], args[6]))) {
            while (System.in.read() >= 0) {
                // Nobody has anything to say: what is waited for is the end.
            }
        }
    }
}
