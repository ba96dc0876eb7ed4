package dev.tidemark.bench;

import dev.tidemark.capture.Capture;
import dev.tidemark.compactor.Compactor;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** One service in a JVM of its own, which tells how much of its heap is alive. It ends with its standard input. */
final class SoakMain {
    static final int SHARDS = 4;
    static final String CAPTURE = "capture";
    static final String COMPACTOR = "compactor";

    private static final Duration CUT_AGE = Duration.ofSeconds(3);
    private static final Duration COLLECT_EVERY = Duration.ofSeconds(10);

    private SoakMain() {}

    static Settings settings(URI redis, String kafka, URI s3, String bucket, String key, String secret, Path streams) {
        return Settings.of(
                        SourceSettings.of("soak", SHARDS),
                        RedisSettings.at(redis),
                        KafkaSettings.singleBroker(kafka),
                        S3Settings.at(s3, bucket, key, Secret.of(secret)))
                .with(CompactorSettings.defaults().cutting(CUT_AGE, streams));
    }

    /** The service, where it tells its heap, and then in the order of {@link #settings}. */
    @SuppressWarnings("try") // It runs beside this thread.
    public static void main(String[] args) throws IOException {
        Settings settings = settings(
                URI.create(args[2]), args[3], URI.create(args[4]), args[5], args[6], args[7], Path.of(args[8]));
        Path heap = Path.of(args[1]);
        Thread teller = new Thread(() -> tell(heap), "heap");
        teller.setDaemon(true);
        teller.start();
        try (AutoCloseable running = args[0].equals(CAPTURE) ? Capture.start(settings) : Compactor.start(settings)) {
            while (System.in.read() >= 0) {
                // Nobody has anything to say: what is waited for is the end.
            }
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the service could not be ended in order: " + e.getMessage(), e);
        }
    }

    /** A collection first: what is garbage is no leak. */
    private static void tell(Path heap) {
        try {
            while (true) {
                Thread.sleep(COLLECT_EVERY.toMillis());
                System.gc();
                long alive =
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
                Files.writeString(heap, Long.toString(alive));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("the heap's size cannot be told", e);
        }
    }
}
