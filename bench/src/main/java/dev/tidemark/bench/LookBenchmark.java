package dev.tidemark.bench;

import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long it takes to tell what one key was, out of a day of changes. */
final class LookBenchmark implements Benchmark {
    private static final int CHANGES_DEFAULT = 1_000_000;
    private static final int SHARDS = 8;
    private static final int HEAP_MB = 512;
    private static final double SECONDS_MAX = 2;

    private static final String NAME = "bench-look";
    private static final String NO_REDIS = "none";

    @Override
    public String name() {
        return "look";
    }

    @Override
    public String about() {
        return "show KEY --at in a day of a million changes; bound: 2 s";
    }

    @Override
    public int defaultChunks() {
        return CHANGES_DEFAULT;
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        try (S3Endpoint s3 = S3Endpoint.start()) {
            Settings settings = LookMain.settings(LookMain.arguments(s3, NAME, SHARDS, "", Instant.EPOCH));
            request.progress().accept(String.format(Locale.ROOT, "look: a day of %,d changes", request.chunks()));
            DayOfChanges day = DayOfChanges.write(settings, request.chunks(), request.rounds() + 1);
            Alternation looks = Alternation.of(
                    "show, against a key that never was",
                    Duration.ZERO,
                    request.rounds(),
                    () -> look(s3, day.next()),
                    () -> look(s3, day.unknown()),
                    request.progress());
            List<Metric> metrics = List.of(
                    metric("show, a key that was there", looks.ours()),
                    metric("show, a key that never was", looks.limit()));
            List<String> remarks = List.of(
                    "each is a process of its own, from its start to its answer, which is compared with the truth",
                    "%d files of hours that are rolled up and %d segments of the last one; values of 100 bytes"
                            .formatted(day.rollUps(), day.segments()),
                    "the S3 server is a process of the same machine and shares its cores");
            return new BenchmarkReport(
                    name(),
                    metrics,
                    request.rounds(),
                    remarks,
                    Versions.with(NO_REDIS, request.tidemarkVersion()),
                    machine);
        }
    }

    private static Metric metric(String name, Samples seconds) {
        return Metric.of(name, "s", seconds, Samples.of(SECONDS_MAX), Goal.atMost(1));
    }

    private static double look(S3Endpoint s3, DayOfChanges.Look look) {
        long began = System.nanoTime();
        try (ChildJvm child = new ChildJvm(
                "the look",
                flags(),
                LookMain.class,
                HEAP_MB,
                List.of(),
                LookMain.arguments(s3, NAME, SHARDS, look.key(), look.at()))) {
            String answer = child.hear();
            double seconds = (System.nanoTime() - began) / 1e9;
            if (!answer.equals(look.answer())) {
                throw new IllegalStateException("it was '%s' and is told as '%s'".formatted(look.answer(), answer));
            }
            return seconds;
        }
    }

    /** As the launcher starts it, with the classes that a JVM noted after the build, if that was asked for. */
    private static List<String> flags() {
        List<String> flags = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        Path classes = Path.of(System.getProperty("java.class.path").split(File.pathSeparator, 2)[0])
                .resolveSibling("classes.jsa");
        if (Files.exists(classes)) {
            flags.addAll(List.of("-XX:SharedArchiveFile=" + classes, "-Xlog:disable"));
        }
        return flags;
    }
}
