package dev.tidemark.bench;

import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How long a restore takes in each way, beside what brings the same data there without us. */
final class RestoreBenchmark implements Benchmark {
    /** 7 KB each: about 1 GB, unless somebody says how many there are. */
    private static final int CHUNKS_DEFAULT = 140_000;

    private static final int SHARDS = 8;
    private static final String NAME = "bench-restore";

    @Override
    public String name() {
        return "restore";
    }

    @Override
    public String about() {
        return "--into, --serve, --rdb; limit: redis-cli, a start, a copy";
    }

    @Override
    public int defaultChunks() {
        return CHUNKS_DEFAULT;
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        DataSet data = new DataSet(KeyKind.CHUNK, request.chunks());
        try (Opened opened = new Opened()) {
            Path directory = Files.createTempDirectory("tidemark-bench-restore-");
            opened.add(() -> delete(directory));
            S3Endpoint s3 = opened.add(S3Endpoint.start());
            Settings settings = Settings.of(
                    SourceSettings.of(NAME, SHARDS),
                    RedisSettings.defaults(),
                    KafkaSettings.defaults(),
                    S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())));
            Path commands = directory.resolve("commands");
            String redis = prepare(request, settings, data, directory, commands);
            try (RestoreCourse course = new RestoreCourse(settings, data, directory, commands)) {
                return measure(request, course, redis, machine);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the benchmark's own files cannot be written", e);
        }
    }

    /** Fills a server, keeps its snapshot, and writes the archive. */
    private static String prepare(
            BenchmarkRequest request, Settings settings, DataSet data, Path directory, Path commands)
            throws IOException {
        request.progress().accept(String.format(Locale.ROOT, "restore: %,d chunks, a snapshot of them", data.keys()));
        String version;
        try (RedisServer server =
                        RedisServer.start(RedisServer.Options.defaults().withDirectory(directory));
                PlainRedis client = new PlainRedis(server)) {
            data.load(client);
            client.exchange("SAVE\r\n".getBytes(StandardCharsets.US_ASCII), "+OK\r\n".length());
            version = server.version();
        }
        writeCommands(data, commands);
        request.progress().accept("restore: the archive of it");
        RestorableArchive.write(settings, data, directory.resolve("dump.rdb"));
        return version;
    }

    private static void writeCommands(DataSet data, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            for (int number = 0; number < data.keys(); number++) {
                Value.Hash hash = (Value.Hash) data.kind().value(number);
                out.write(ascii("*%d\r\n".formatted(2 + 2 * hash.fields().size())));
                word(out, ascii("HSET"));
                word(out, data.kind().key(number).array());
                for (Value.Field field : hash.fields()) {
                    word(out, field.name().array());
                    word(out, field.value().array());
                }
            }
        }
    }

    private static void word(OutputStream out, byte[] word) throws IOException {
        out.write(ascii("$%d\r\n".formatted(word.length)));
        out.write(word);
        out.write(ascii("\r\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private BenchmarkReport measure(BenchmarkRequest request, RestoreCourse course, String redis, Machine machine) {
        Alternation into = Alternation.of(
                "--into", Duration.ZERO, request.rounds(), course::into, course::piped, request.progress());
        Alternation serve = Alternation.of(
                "--serve", Duration.ZERO, request.rounds(), course::served, course::loadedAtStart, request.progress());
        Alternation rdb = Alternation.of(
                "--rdb", Duration.ZERO, request.rounds(), course::rdb, course::copied, request.progress());
        request.progress().accept("restore: an estimate, and the run");
        Samples estimate = Samples.of(course.estimate());
        List<Metric> metrics = List.of(
                Metric.of("--into, against redis-cli --pipe", "s", into.ours(), into.limit(), Goal.atMost(1.2)),
                Metric.of("--serve, against a start", "s", serve.ours(), serve.limit(), Goal.atMost(1.3)),
                Metric.of("--rdb, against a copy from S3", "MB/s", rdb.ours(), rdb.limit(), Goal.atLeast(0.5)),
                Metric.of("plan to first write", "s", course.untilFirstWrite(), Samples.of(2), Goal.atMost(1)),
                Metric.of("estimate, off from the run by", "x", estimate, Samples.of(1.5), Goal.atMost(1)));
        List<String> remarks = List.of(
                "each way is measured from the plan until everything is at the target, validation included; then it is read back and proven, which took %.2f s in the median and is no part of it"
                        .formatted(course.proofs().median()),
                validatedFirst(
                        into, serve, course.copiedMegabytes() / rdb.limit().median()),
                "every %dth key of the baseline is told anew by segments".formatted(RestorableArchive.SUPERSEDED_EVERY),
                "the S3 server is a process of the same machine and shares its cores");
        return new BenchmarkReport(
                name(), metrics, request.rounds(), remarks, Versions.with(redis, request.tidemarkVersion()), machine);
    }

    /** What both goals leave out: nothing is written before the last byte from S3 was compared. */
    private static String validatedFirst(Alternation into, Alternation serve, double copySeconds) {
        double intoLeast = copySeconds + into.limit().median();
        double serveLeast = copySeconds + serve.limit().median();
        return String.format(
                Locale.ROOT,
                "everything is validated before the first write: the copy and then the limit take %.2f s for --into, and ours %.2f times that; %.2f s for --serve, and ours %.2f times that",
                intoLeast,
                into.ours().median() / intoLeast,
                serveLeast,
                serve.ours().median() / serveLeast);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
