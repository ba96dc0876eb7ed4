package dev.tidemark.bench;

import dev.tidemark.compactor.Compactor;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.S3Endpoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The compactor and nothing else in its JVM, which tells whenever it has written a segment. It ends with its standard input. */
final class CompactMain {
    private static final Duration CUT_AGE = Duration.ofSeconds(1);
    private static final long LOOK_MILLIS = 2;

    private CompactMain() {}

    /** What this program is to be given. */
    static List<String> arguments(Ground ground, String source, int shards, Path state) {
        S3Endpoint s3 = ground.s3();
        return List.of(
                source,
                Integer.toString(shards),
                ground.redis().uri().toString(),
                ground.kafka().bootstrap(),
                s3.uri().toString(),
                s3.bucket(),
                s3.accessKey(),
                s3.secretKey(),
                state.toString());
    }

    static Settings settings(List<String> arguments) {
        return Settings.of(
                        SourceSettings.of(arguments.get(0), Integer.parseInt(arguments.get(1))),
                        RedisSettings.at(URI.create(arguments.get(2))),
                        KafkaSettings.singleBroker(arguments.get(3)),
                        S3Settings.at(
                                URI.create(arguments.get(4)),
                                arguments.get(5),
                                arguments.get(6),
                                Secret.of(arguments.get(7))))
                .with(CompactorSettings.defaults().cutting(CUT_AGE, Path.of(arguments.get(8))));
    }

    /** With {@link #arguments}. */
    @SuppressWarnings("try") // It runs beside this thread.
    public static void main(String[] args) throws IOException {
        Settings settings = settings(List.of(args));
        MeterRegistry registry = new SimpleMeterRegistry();
        try (Compactor compactor = Compactor.start(settings, registry, health -> {})) {
            Thread teller = new Thread(() -> tell(registry), "teller");
            teller.setDaemon(true);
            teller.start();
            while (System.in.read() >= 0) {
                // Nobody has anything to say: what is waited for is the end.
            }
        }
    }

    private static void tell(MeterRegistry registry) {
        Work told = Work.NONE;
        try {
            while (true) {
                Work now = Work.of(registry);
                if (now.segments() > told.segments()) {
                    ChildJvm.say(now.line());
                    told = now;
                }
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What was done until a moment.
     *
     * @param atNanos by a clock that is the same for all of its JVM's answers
     * @param cutSeconds from the first read of a segment to the answer of its PUT, added up
     */
    record Work(long atNanos, long segments, long rows, long bytes, double cutSeconds) {
        static final Work NONE = new Work(0, 0, 0, 0, 0);

        static Work of(MeterRegistry registry) {
            // Counted last by the compactor, so asked first: then the others are never behind it.
            Timer cuts = registry.get("tidemark.compactor.cut").timer();
            long segments = cuts.count();
            return new Work(
                    System.nanoTime(),
                    segments,
                    sum(registry, "tidemark.compactor.rows"),
                    sum(registry, "tidemark.compactor.segment.bytes"),
                    cuts.totalTime(TimeUnit.NANOSECONDS) / 1e9);
        }

        private static long sum(MeterRegistry registry, String name) {
            return (long) registry.get(name).counters().stream()
                    .mapToDouble(Counter::count)
                    .sum();
        }

        String line() {
            return "%d %d %d %d %s".formatted(atNanos, segments, rows, bytes, Double.toString(cutSeconds));
        }

        static Work parse(String line) {
            String[] words = line.split(" ", -1);
            return new Work(
                    Long.parseLong(words[0]),
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Long.parseLong(words[3]),
                    Double.parseDouble(words[4]));
        }
    }
}
