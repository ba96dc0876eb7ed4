package dev.tidemark.bench;

import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Capture in a JVM of its own, as small as it promises to be. */
final class CaptureProcess implements AutoCloseable {
    static final int HEAP_MB = 256;
    private static final int STOP_SECONDS = 20;
    private static final String PEAK_RSS = "VmHWM:";

    private final Settings settings;
    private final Process process;

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
        try {
            process = new ProcessBuilder(List.of(
                            System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                            "-Xmx" + HEAP_MB + "m",
                            "-XX:+ExitOnOutOfMemoryError",
                            "-cp",
                            System.getProperty("java.class.path"),
                            CaptureMain.class.getName(),
                            source,
                            ground.redis().uri().toString(),
                            ground.kafka().bootstrap(),
                            s3.uri().toString(),
                            s3.bucket(),
                            s3.accessKey(),
                            s3.secretKey()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("capture cannot be started", e);
        }
    }

    Settings settings() {
        return settings;
    }

    void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "capture ended with code %d: in a heap of %d MB it did not survive what was measured"
                            .formatted(process.exitValue(), HEAP_MB));
        }
    }

    /** The most memory that it ever took from the system; Linux tells. */
    long peakRssBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
                if (line.startsWith(PEAK_RSS)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the memory of capture cannot be told", e);
        }
        throw new IllegalStateException("this system does not tell the memory of a process");
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
