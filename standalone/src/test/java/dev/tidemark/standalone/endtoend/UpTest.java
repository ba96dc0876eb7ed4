package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.DrillSummary;
import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.HttpSettings;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.SmallDisk;
import dev.tidemark.standalone.configuration.Configuration;
import dev.tidemark.standalone.http.DeployedMetrics;
import dev.tidemark.standalone.http.MetricsTable;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline in one process is killed under load, and goes on. {@code -Dtidemark.rounds=20} makes it longer. */
class UpTest {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final Path PROC = Path.of("/proc");
    private static final int KEYS = 80_000;
    private static final int KEY_BYTES = 10_000;
    private static final long UP_HEAP_MIB = 512;
    private static final long BROKER_HEAP_MIB = 256;
    private static final long RSS_BESIDE_HEAP_MIB = 512;

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_121L));

    @Test
    void goesOnWhereItWasWheneverItIsKilled() throws IOException {
        Path data = directory.resolve("data");
        try (RedisServer redis = RedisServer.start();
                RedisServer scratch = RedisServer.start();
                Oracle oracle = Oracle.open(redis.uri(), Pace.seeded(random.nextLong()));
                ServiceProcess up = up(redis, data)) {
            oracle.resume();
            Path config = data.resolve("tidemark.yml");
            Await.until(SOON, () -> Files.exists(config), "a configuration in " + data);
            Settings settings = new Configuration(directory, Map.of()).load(Optional.of(config), Role.CAPTURE);
            awaitProtected(settings, oracle.now());

            for (int round = 0; round < Integer.getInteger("tidemark.rounds", 1); round++) {
                oracle.awaitWrites(random.nextInt(300), SOON);
                up.kill();
                Instant died = oracle.now();
                up.start();
                Points points = awaitProtected(settings, oracle.now());
                System.out.printf("restart=%d protected_after=%s%n", round, Duration.between(died, oracle.now()));
                TimeRange range =
                        points.ranges().get(random.nextInt(points.ranges().size()));
                judge(settings, Oracle.randomInstant(random, range.from(), range.through()), scratch, oracle);
                judge(settings, points.latest().orElseThrow(), scratch, oracle);
            }

            awaitDrill(settings);
            assertThatEveryDeployedMetricIsLive(settings.http());
            up.terminate(SOON);
            assertThat(Files.getPosixFilePermissions(config)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
            for (String keepsValues : List.of("kafka", "s3")) {
                assertThat(Files.getPosixFilePermissions(data.resolve(keepsValues)))
                        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            }
            // The broker went with it, in good order.
            String bootstrap = settings.kafka().bootstrap();
            assertThat(FreePort.isFree(Integer.parseInt(bootstrap.substring(bootstrap.indexOf(':') + 1))))
                    .isTrue();
            assertThat(data.resolve("kafka/data/.kafka_cleanshutdown")).exists();
        }
    }

    @Test
    void goesOnWhenTheDiskIsFullAndHasRoomAgain() throws IOException {
        try (SmallDisk disk = ScratchDisk.mount(directory, 64);
                RedisServer redis = RedisServer.start();
                RedisServer scratch = RedisServer.start();
                Oracle oracle =
                        Oracle.open(redis.uri(), Pace.seeded(random.nextLong()).withoutBigValues());
                ServiceProcess up = up(redis, disk.path().resolve("data"))) {
            oracle.resume();
            Path config = disk.path().resolve("data/tidemark.yml");
            Await.until(SOON, () -> Files.exists(config), "a configuration in " + config);
            Settings settings = new Configuration(directory, Map.of()).load(Optional.of(config), Role.CAPTURE);
            Instant from = awaitProtected(settings, oracle.now()).latest().orElseThrow();

            disk.fill();
            Instant full = oracle.now();
            awaitSaid("event=disk-full");
            oracle.awaitWrites(100, SOON);
            disk.makeRoom();
            Points points = awaitProtected(settings, oracle.now());
            assertThat(points.ranges()).as("a full disk is lateness and no gap").hasSize(1);
            judge(settings, Oracle.randomInstant(random, from, full), scratch, oracle);
            judge(settings, Oracle.randomInstant(random, full, points.latest().orElseThrow()), scratch, oracle);

            up.terminate(SOON);
            disk.fill();
            up.start();
            assertThat(up.exitCode(SOON)).isEqualTo(ExitCode.USAGE.number());
            assertThat(said()).contains("cannot be used as --data: its disk has 0 MiB left", "Make room on that disk");
            disk.makeRoom();
            up.start();
            awaitProtected(settings, oracle.now());
            judge(settings, Oracle.randomInstant(random, full, points.latest().orElseThrow()), scratch, oracle);
            up.terminate(SOON);
        }
    }

    @Test
    void itsMemoryIsBoundedWhateverIsBackedUp() throws IOException {
        assumeTrue(Files.exists(PROC), "there is no " + PROC + " that tells what a process holds");
        Path data = directory.resolve("data");
        try (RedisServer redis =
                        RedisServer.start(RedisServer.Options.defaults().withConfig("enable-debug-command local"));
                RedisClient client = RedisClient.create(redis.uri().toString())) {
            // More than the heaps of both processes together.
            client.connect()
                    .sync()
                    .dispatch(
                            CommandType.DEBUG,
                            new StatusOutput<>(StringCodec.UTF8),
                            new CommandArgs<>(StringCodec.UTF8)
                                    .add("POPULATE")
                                    .add(KEYS)
                                    .add("chunk")
                                    .add(KEY_BYTES));
            try (ServiceProcess up = up(redis, data)) {
                Path config = data.resolve("tidemark.yml");
                Await.until(SOON, () -> Files.exists(config), "a configuration in " + data);
                Settings settings = new Configuration(directory, Map.of()).load(Optional.of(config), Role.CAPTURE);
                awaitProtected(settings, Instant.now());

                ProcessHandle process = ProcessHandle.of(up.pid()).orElseThrow();
                ProcessHandle broker = process.children()
                        .filter(child -> child.info().command().orElse("").endsWith("java"))
                        .findFirst()
                        .orElseThrow();
                System.out.printf("peak_mib_up=%d peak_mib_broker=%d%n", peakMib(process), peakMib(broker));
                assertThat(peakMib(process)).isBetween(1L, UP_HEAP_MIB + RSS_BESIDE_HEAP_MIB);
                assertThat(peakMib(broker)).isBetween(1L, BROKER_HEAP_MIB + RSS_BESIDE_HEAP_MIB);
                up.terminate(SOON);
            }
        }
    }

    private static long peakMib(ProcessHandle process) {
        try {
            return Files.readAllLines(PROC.resolve(Path.of(Long.toString(process.pid()), "status"))).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1_024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitSaid(String words) {
        Await.until(SOON, () -> said().contains(words), words + " in " + directory.resolve("up.log"));
    }

    private String said() {
        try {
            return Files.readString(directory.resolve("up.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertThatEveryDeployedMetricIsLive(HttpSettings http) throws IOException {
        Map<String, String> live = new TreeMap<>();
        for (int port : List.of(http.capturePort(), http.compactorPort())) {
            try (InputStream scrape =
                    URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openStream()) {
                live.putAll(MetricsTable.scraped(new String(scrape.readAllBytes(), StandardCharsets.UTF_8), ""));
            }
        }
        assertThat(live.keySet()).containsAll(DeployedMetrics.names().keySet());
    }

    private ServiceProcess up(RedisServer redis, Path data) {
        URI uri = redis.uri();
        return new ServiceProcess(
                "-Xmx512m",
                List.of("up", "--redis", uri.toString(), "--data", data.toString(), "--drill-every", "10s"),
                directory.resolve("up.log"));
    }

    private Points awaitProtected(Settings settings, Instant past) {
        return Await.value(
                SOON,
                () -> points(settings)
                        .filter(points -> points.latest().map(past::isBefore).orElse(false)),
                "restorable past " + past + "; see " + directory.resolve("up.log"));
    }

    /** Which {@code up} runs by itself, whatever became of those that were killed with it. */
    private static void awaitDrill(Settings settings) {
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            DrillSummary drill = Await.seldom(SOON, lookout::lastDrill, "a drill");
            assertThat(drill.passed()).isTrue();
            assertThat(drill.rto()).isPresent();
        }
    }

    /** None while the servers are starting. */
    private static Optional<Points> points(Settings settings) {
        try (Restorer restorer = Restorer.open(settings)) {
            return Optional.of(restorer.points(true));
        } catch (TidemarkError notYet) {
            assertThat(notYet.code()).as(notYet.getMessage()).isEqualTo(ExitCode.UNREACHABLE);
            return Optional.empty();
        }
    }

    private static void judge(Settings settings, Instant at, RedisServer scratch, Oracle oracle) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.of(at), true);
            restorer.restore(
                    plan,
                    RestoreTarget.at(scratch.uri()),
                    RestoreOptions.careful().replacing(),
                    RestoreListener.silent());
            Verdict verdict = oracle.check(scratch.uri(), at, plan.exactness());
            assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        }
    }
}
