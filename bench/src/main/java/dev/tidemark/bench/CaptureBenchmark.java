package dev.tidemark.bench;

import dev.tidemark.servers.RedisServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Capture alone, in a JVM of 256 MB with default settings: how fast it is, what it costs the Redis that it watches, how old
 * its claims become under load, and what a burst does to its memory.
 */
final class CaptureBenchmark implements Benchmark {
    private static final int SMALL_KEYS_A_CHUNK = 10;
    /** With 20,000 chunks, 800,000 keys. */
    private static final int BURST_KEYS_A_CHUNK = 40;

    private static final int SCRIPT_KEYS_A_CHUNK = 20;
    private static final int HSETS_A_PART = 10_000;
    private static final Duration AGE_LIMIT = Duration.ofSeconds(2);
    private static final double LOAD_SHARE = 0.5;
    private static final int LOADS_A_SECOND = 20;
    private static final double RSS_LIMIT_MB = 512;

    private final Duration warmUp;
    private final Duration ageFor;

    CaptureBenchmark() {
        this(Duration.ofSeconds(20), Duration.ofSeconds(20));
    }

    /** @param warmUp of each of three pairs of what is measured */
    CaptureBenchmark(Duration warmUp, Duration ageFor) {
        this.warmUp = warmUp;
        this.ageFor = ageFor;
    }

    @Override
    public String name() {
        return "capture";
    }

    @Override
    public String about() {
        return "changes/s into Kafka, its cost to Redis, age, memory; limit: read, produce raw";
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        List<Metric> metrics = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        try (Ground ground = Ground.start(request.progress())) {
            DataSet small = new DataSet(KeyKind.STRING, Math.multiplyExact(request.chunks(), SMALL_KEYS_A_CHUNK));
            try (CaptureCourse course = course(ground, "small", small, request)) {
                rates("strings of 100 B", course, request, metrics, remarks);
                writers(course, request, metrics);
                burst(course, request, metrics, remarks);
            }
            DataSet chunks = new DataSet(KeyKind.CHUNK, request.chunks());
            try (CaptureCourse course = course(ground, "chunks", chunks, request)) {
                double rate = rates("chunks of 7 KB", course, request, metrics, remarks);
                String chunk = KeyKind.CHUNK.key(0).asUtf8().orElseThrow();
                remarks.add(RedisBenchmark.hgetall(ground.redis(), chunk, request.chunks()));
                age(course, chunks, rate, request, metrics);
                memory("chunks", course, metrics);
            }
            return new BenchmarkReport(
                    name(),
                    metrics,
                    request.rounds(),
                    remarks,
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }
    }

    private static CaptureCourse course(Ground ground, String source, DataSet data, BenchmarkRequest request) {
        request.progress()
                .accept(String.format(Locale.ROOT, "capture, %s: %,d keys, first resync", source, data.keys()));
        return new CaptureCourse(ground, source, data);
    }

    /** @return changes a second */
    private double rates(
            String what, CaptureCourse course, BenchmarkRequest request, List<Metric> metrics, List<String> remarks) {
        String name = "capture, " + what;
        Alternation rates =
                Alternation.of(name, warmUp, request.rounds(), course::ours, course::limit, request.progress());
        Metric metric = Metric.of(name, "changes/s", rates.ours(), rates.limit(), Goal.atLeast(0.8));
        metrics.add(metric);
        remarks.add(what + ": " + course.account(metric.ours()));
        return metric.ours();
    }

    /** The same writes with capture at work, and to a Redis that nobody watches. */
    private void writers(CaptureCourse course, BenchmarkRequest request, List<Metric> metrics) {
        int keys = Math.multiplyExact(request.chunks(), SCRIPT_KEYS_A_CHUNK);
        try (RedisServer unwatched = RedisServer.start();
                PlainRedis alone = new PlainRedis(unwatched)) {
            Alternation rates = Alternation.of(
                    "HSETs of one pipelined client",
                    warmUp,
                    request.rounds(),
                    () -> {
                        double rate = hsets(course.client(), "hset:", keys);
                        course.awaitClaimed();
                        return rate;
                    },
                    () -> hsets(alone, "hset:", keys),
                    request.progress());
            metrics.add(Metric.of(
                    "HSET, watched against unwatched", "HSET/s", rates.ours(), rates.limit(), Goal.atLeast(0.6)));
        }
    }

    /** New keys as fast as one client can write them, then as many from one script as kill every other connection. */
    private static void burst(
            CaptureCourse course, BenchmarkRequest request, List<Metric> metrics, List<String> remarks) {
        int doubts = course.claims().doubts();
        int keys = Math.multiplyExact(request.chunks(), BURST_KEYS_A_CHUNK);
        int scripted = Math.multiplyExact(request.chunks(), SCRIPT_KEYS_A_CHUNK);
        try (LoggedKeys logged = LoggedKeys.fromNowOn(course.capture().settings())) {
            request.progress().accept(String.format(Locale.ROOT, "burst: %,d new keys", keys));
            double rate = hsets(course.client(), "burst:", keys);
            course.awaitClaimed();
            request.progress().accept(String.format(Locale.ROOT, "burst: a script of %,d writes", scripted));
            course.client().exchange(script(scripted), "$-1\r\n".length());
            course.awaitClaimed();
            metrics.add(Metric.of(
                    "keys of both bursts that are in the log",
                    "keys",
                    Samples.of((double) logged.count("burst:") + logged.count("script:")),
                    Samples.of((double) keys + scripted),
                    Goal.atLeast(1)));
            remarks.add(String.format(
                    Locale.ROOT,
                    "burst: %,d keys of 30 bytes at %,.0f/s, then %,d in one script: %d doubts",
                    keys,
                    rate,
                    scripted,
                    course.claims().doubts() - doubts));
        }
        memory("bursts", course, metrics);
    }

    private static void memory(String what, CaptureCourse course, List<Metric> metrics) {
        metrics.add(Metric.of(
                "peak RSS after %s, heap of %d MB".formatted(what, CaptureProcess.HEAP_MB),
                "MB",
                Samples.of(course.capture().peakRssBytes() / 1e6),
                Samples.of(RSS_LIMIT_MB),
                Goal.atMost(1)));
    }

    private void age(
            CaptureCourse course, DataSet chunks, double rate, BenchmarkRequest request, List<Metric> metrics) {
        request.progress()
                .accept(String.format(
                        Locale.ROOT,
                        "age of tidemarks: %d s at %,.0f changes/s",
                        ageFor.toSeconds(),
                        rate * LOAD_SHARE));
        int part = (int) Math.max(1, Math.min(chunks.keys(), rate * LOAD_SHARE / LOADS_A_SECOND));
        DataSet load = new DataSet(KeyKind.CHUNK, part);
        List<Double> ages = new ArrayList<>();
        long began = System.nanoTime();
        byte[] touches = load.touches();
        for (int turn = 0; turn < ageFor.toSeconds() * LOADS_A_SECOND; turn++) {
            course.client().exchange(touches, load.touchReplyBytes());
            long now = course.client().timeMicros();
            ages.add((now - course.claims().throughMicros()) / 1e6);
            sleepUntil(began + (turn + 1) * 1_000_000_000L / LOADS_A_SECOND);
        }
        Samples samples = new Samples(ages);
        metrics.add(Metric.of(
                "age of tidemarks at half of that, p99",
                "s",
                Samples.of(samples.percentile(0.99)),
                Samples.of(AGE_LIMIT.toMillis() / 1e3),
                Goal.atMost(1)));
    }

    private static double hsets(PlainRedis redis, String prefix, int keys) {
        List<byte[]> parts = new ArrayList<>();
        for (int from = 0; from < keys; from += HSETS_A_PART) {
            StringBuilder part = new StringBuilder();
            int to = Math.min(keys, from + HSETS_A_PART);
            for (int key = from; key < to; key++) {
                part.append("*4\r\n$4\r\nHSET\r\n$30\r\n")
                        .append(prefix)
                        .append(digits(key, 30 - prefix.length()))
                        .append("\r\n$1\r\nf\r\n$1\r\n1\r\n");
            }
            parts.add(part.toString().getBytes(StandardCharsets.US_ASCII));
        }
        long began = System.nanoTime();
        for (int part = 0; part < parts.size(); part++) {
            int inPart = Math.min(HSETS_A_PART, keys - part * HSETS_A_PART);
            redis.exchange(parts.get(part), (long) inPart * ":1\r\n".length());
        }
        return keys * 1e9 / (System.nanoTime() - began);
    }

    private static String digits(int number, int length) {
        String digits = Integer.toString(number);
        return "0".repeat(length - digits.length()) + digits;
    }

    private static byte[] script(int keys) {
        String script =
                "for i = 1, %d do redis.call('HSET', string.format('script:%%023d', i), 'f', i) end".formatted(keys);
        return "*3\r\n$4\r\nEVAL\r\n$%d\r\n%s\r\n$1\r\n0\r\n"
                .formatted(script.length(), script)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static void sleepUntil(long nanos) {
        try {
            // A steady load is what is wanted here.
            TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted under load", e);
        }
    }
}
