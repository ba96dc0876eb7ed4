package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A restore's JVM in miniature, of default bounds; it ends well only if the restore is proven. */
final class SmallHeap {
    private static final int WITHIN_SECONDS = 600;

    private SmallHeap() {}

    /** Restores a source of one shard to its end, key by key, in a JVM with that much heap. */
    static void restore(int heapMb, S3Endpoint s3, String name, RedisServer target, Path directory)
            throws IOException, InterruptedException {
        Path said = directory.resolve("child.log");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heapMb + "m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeap.class.getName(),
                        s3.uri().toString(),
                        s3.bucket(),
                        s3.accessKey(),
                        s3.secretKey(),
                        name,
                        target.uri().toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(child.waitFor(WITHIN_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).as(Files.readString(said)).isZero();
        } finally {
            child.destroyForcibly();
        }
    }

    public static void main(String[] arguments) {
        Settings settings = RestoreTest.settings(
                S3Settings.at(URI.create(arguments[0]), arguments[1], arguments[2], Secret.of(arguments[3])),
                arguments[4],
                1);
        try (Restorer restorer = Restorer.open(settings)) {
            RestoreReport report = restorer.restore(
                    restorer.plan(Optional.empty(), false),
                    RestoreTarget.at(URI.create(arguments[5])),
                    RestoreOptions.careful(),
                    RestoreListener.silent());
            System.exit(report.exitCode().number());
        }
    }
}
