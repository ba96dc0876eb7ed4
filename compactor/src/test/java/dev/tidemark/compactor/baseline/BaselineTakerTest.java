package dev.tidemark.compactor.baseline;

import static dev.tidemark.compactor.baseline.BaselineGround.config;
import static dev.tidemark.compactor.baseline.BaselineGround.connected;
import static dev.tidemark.compactor.baseline.BaselineGround.serverWithBacklog;
import static dev.tidemark.compactor.baseline.BaselineGround.take;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.BaselineTurn;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Requests;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Baselines of a server with a watch that is simulated; what goes wrong never leaves a manifest. */
class BaselineTakerTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static BaselineGround ground;

    @TempDir
    Path directory;

    private final String source = "source-" + SOURCES.incrementAndGet();

    @BeforeAll
    static void start() {
        ground = new BaselineGround();
    }

    @AfterAll
    static void stop() {
        ground.close();
    }

    @AfterEach
    void heal() {
        ground.s3.faults().clear();
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void everyWayGivesADatedBaseline(MatrixServer server) throws Exception {
        assumeTrue(server.isHere(), server::whyNot);
        try (RedisServer redis = serverWithBacklog(server.options());
                SimulatedWatch watch = ground.watch(settings(redis))) {
            fill(redis, 3_000);
            config(redis, "repl-diskless-sync", "yes");
            config(redis, "repl-diskless-sync-delay", "0");
            long before = watch.n();

            Node diskless = only(take(settings(redis), BaselineTaker::fromReplication));
            config(redis, "repl-diskless-sync", "no");
            Node fromDisk = only(take(settings(redis), BaselineTaker::fromReplication));
            Node saved = only(take(settings(redis), taker -> taker.fromFile(Optional.empty())));
            Path copy = Files.copy(redis.directory().resolve("dump.rdb"), directory.resolve("copy.rdb"));
            Node imported = only(take(settings(redis), taker -> taker.fromExport(copy.toString())));

            assertThat(diskless.n()).isGreaterThanOrEqualTo(before);
            assertThat(fromDisk.n()).isGreaterThan(diskless.n());
            assertThat(saved.n()).isGreaterThan(fromDisk.n());
            assertThat(imported.n()).isEqualTo(saved.n());
            assertThat(imported.beginMicros()).isEqualTo(saved.beginMicros());
            for (Node node : new Node[] {diskless, fromDisk, saved, imported}) {
                assertThat(node.keys()).isEqualTo(3_001);
                // A beat each tenth of a second dates it, not the second that the reading took.
                assertThat(node.forkMicros() - node.beginMicros()).isBetween(1L, 20_000_000L);
            }
        }
    }

    @Test
    void aLonePrimaryIsNotGivenItsFirstReplica() throws Exception {
        try (RedisServer redis = RedisServer.start();
                SimulatedWatch watch = ground.watch(settings(redis))) {
            String before = replId(redis);

            refused(settings(redis), BaselineTaker::fromReplication, "changes its replication id");

            assertThat(replId(redis)).isEqualTo(before);
            assertThat(watch.n()).isPositive();
        }
    }

    @Test
    void withoutAKnownCanaryThereIsNone() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults())) {
            ground.createTopics(source);

            refused(settings(redis), BaselineTaker::fromReplication, "0 canaries");
        }
    }

    /** It would bring keys whose changes nobody logs. */
    @Test
    void whileOtherKeysAreCapturedThereIsNone() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis))) {
            Settings others = settings(redis)
                    .with(new SourceSettings(source, settings(redis).source().shards(), List.of(""), List.of(0, 3)));

            refused(
                    others,
                    BaselineTaker::fromReplication,
                    "capture watches other source.prefixes or source.databases");

            assertThat(watch.n()).isPositive();
        }
    }

    @Test
    void aStreamThatIsCutLeavesNone() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                FaultProxy proxy = FaultProxy.before(redis);
                SimulatedWatch watch = ground.watch(settings(redis))) {
            // More than what the sockets on its way hold, so that most of it is still to come.
            config(redis, "rdbcompression", "no");
            config(redis, "repl-diskless-sync", "no");
            try (RedisSocket socket = connected(redis)) {
                for (int i = 0; i < 3_000; i++) {
                    socket.call("SET", "large:" + i, "x".repeat(10_000));
                }
            }
            Settings slowly = ground.settings(source, proxy.uri("redis"));
            proxy.bandwidth(1 << 20);
            Thread cutter = new Thread(() -> {
                Await.until(LIMIT, () -> isSending(redis), "the snapshot is on its way");
                proxy.cut();
            });
            cutter.start();

            refused(slowly, BaselineTaker::fromReplication, "no whole snapshot");

            cutter.join();
            assertThat(watch.n()).isPositive();
        }
    }

    @Test
    void aByteThatFlippedLeavesNone() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis))) {
            fill(redis, 1_000);
            only(take(settings(redis), taker -> taker.fromFile(Optional.empty())));
            byte[] snapshot = Files.readAllBytes(redis.directory().resolve("dump.rdb"));
            snapshot[snapshot.length / 2] ^= (byte) 4;
            Path flipped = Files.write(directory.resolve("flipped.rdb"), snapshot);

            assertThatThrownBy(() -> take(settings(redis), taker -> taker.fromExport(flipped.toString())))
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining("at byte");

            assertThat(published()).isEqualTo(1);
            assertThat(watch.n()).isPositive();
        }
    }

    @Test
    void aSaveThatFailsLeavesNone() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis))) {
            fill(redis, 10);
            // The server cannot put its file there, as on a disk that is full.
            Files.createDirectories(redis.directory().resolve("dump.rdb/in-the-way"));
            config(redis, "repl-diskless-sync", "no");

            refused(settings(redis), taker -> taker.fromFile(Optional.empty()), "BGSAVE failed");
            refused(settings(redis), BaselineTaker::fromReplication, "no whole snapshot");

            assertThat(watch.n()).isPositive();
        }
    }

    @Test
    void aTokenThatExpiredLeavesNone() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis))) {
            fill(redis, 10);
            ground.s3.faults().failNext(1, 403, S3Requests.puts().under(source + "/baselines/"));
            refused(settings(redis), BaselineTaker::fromReplication, "403");

            // And a store whose disk is full, at the moment at which the upload would become visible.
            ground.s3.faults().failNext(100, 507, S3Requests.of("POST").under(source + "/baselines/"));
            refused(settings(redis), BaselineTaker::fromReplication, "507");

            ground.s3.faults().clear();
            take(settings(redis), BaselineTaker::fromReplication);
            assertThat(published()).isEqualTo(1);
            assertThat(watch.n()).isPositive();
        }
    }

    @Test
    void oneAtATime() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis));
                Archive archive = ground.archive(source)) {
            BaselineTurn turn = archive.baselines().takeTurn("another", Clock.systemUTC());

            refused(settings(redis), BaselineTaker::fromReplication, "process another");

            ((BaselineTurn.Ours) turn).close();
            take(settings(redis), BaselineTaker::fromReplication);
            assertThat(watch.n()).isPositive();
        }
    }

    /** Redis waits for other replicas before it begins, and says so each second. */
    @Test
    void whoIsToldToStopBeforeTheFirstByteStopsAndGivesItsTurnBack() throws Exception {
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis));
                Archive archive = ground.archive(source)) {
            config(redis, "repl-diskless-sync-delay", "60");
            Thread taking = Thread.currentThread();
            CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> {
                Await.until(LIMIT, () -> isAsked(redis), "Redis is asked for a snapshot");
                taking.interrupt();
            });
            long began = System.nanoTime();

            assertThatThrownBy(() -> take(settings(redis), BaselineTaker::fromReplication))
                    .hasMessage("interrupted: nothing was published");

            assertThat(Thread.interrupted()).isTrue();
            stop.join();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
            assertThat(archive.baselines().takeTurn("the next", Clock.systemUTC()))
                    .isInstanceOf(BaselineTurn.Ours.class);
            assertThat(watch.n()).isPositive();
        }
    }

    private static boolean isAsked(RedisServer redis) {
        try (RedisSocket socket = connected(redis)) {
            socket.send(
                    "CLIENT".getBytes(UTF_8),
                    "LIST".getBytes(UTF_8),
                    "TYPE".getBytes(UTF_8),
                    "replica".getBytes(UTF_8));
            return socket.text().contains("cmd=psync");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSnapshotIsReadNoFasterThanIsAllowed() throws Exception {
        long bytesPerSecond = 1 << 20;
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis))) {
            config(redis, "rdbcompression", "no");
            try (RedisSocket socket = connected(redis)) {
                for (int i = 0; i < 300; i++) {
                    socket.call("SET", "large:" + i, "x".repeat(10_000));
                }
            }
            Settings slowly =
                    settings(redis).with(CompactorSettings.defaults().withBaselines(Duration.ZERO, bytesPerSecond));
            long began = System.nanoTime();

            Baseline baseline = take(slowly, BaselineTaker::fromReplication);

            assertThat(baseline.bytes()).isGreaterThan(3_000_000);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isGreaterThan(Duration.ofMillis(baseline.bytes() * 1_000 / bytesPerSecond - 100));
            assertThat(watch.n()).isPositive();
        }
    }

    @Test
    void theScheduleTakesOneWhenItIsTime() throws Exception {
        MeterRegistry registry = new SimpleMeterRegistry();
        try (RedisServer redis = serverWithBacklog(RedisServer.Options.defaults());
                SimulatedWatch watch = ground.watch(settings(redis));
                Archive archive = ground.archive(source)) {
            Settings often =
                    settings(redis).with(CompactorSettings.defaults().withBaselines(Duration.ofSeconds(1), 1L << 30));
            ground.s3.faults().failNext(1, 403, S3Requests.puts().under(source + "/baselines/"));

            try (BaselineSchedule schedule = BaselineSchedule.of(often, archive, Clock.systemUTC(), registry)) {
                schedule.start();
                Await.until(LIMIT, () -> taken(registry, "published") >= 2, "two baselines are published");
            }

            assertThat(archive.baselines().manifests()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(taken(registry, "failed")).isEqualTo(1);
            assertThat(registry.get("tidemark.compactor.baseline.age").gauge().value())
                    .isBetween(0.0, 60.0);
            assertThat(watch.n()).isPositive();
        }
    }

    private static double taken(MeterRegistry registry, String outcome) {
        return registry.get("tidemark.compactor.baselines")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    /** Nothing of it is on S3 afterwards. */
    private void refused(Settings settings, Function<BaselineTaker, Baseline> way, String why) {
        assertThatThrownBy(() -> take(settings, way))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining(why);
        try (Archive archive = ground.archive(source)) {
            assertThat(archive.baselines().manifests()).isEmpty();
            assertThat(archive.baselines().abortAbandoned()).isZero();
        }
    }

    private int published() {
        try (Archive archive = ground.archive(source)) {
            return archive.baselines().manifests().size();
        }
    }

    private static Node only(Baseline baseline) {
        assertThat(baseline.nodes()).hasSize(1);
        return baseline.nodes().get(0);
    }

    private static void fill(RedisServer server, int keys) throws IOException {
        try (RedisSocket redis = connected(server)) {
            for (int i = 0; i < keys; i++) {
                redis.call("SET", "key:" + i, Integer.toHexString(i * 31).repeat(30));
            }
        }
    }

    private static String replId(RedisServer server) throws IOException {
        try (RedisSocket redis = connected(server)) {
            return NodeInfo.of(redis, "replication").text("master_replid");
        }
    }

    private static boolean isSending(RedisServer server) {
        try (RedisSocket redis = connected(server)) {
            return NodeInfo.of(redis, "replication").text("slave0").contains("state=send_bulk");
        } catch (IOException notYet) {
            return false;
        }
    }

    private Settings settings(RedisServer redis) {
        return ground.settings(source, redis.uri());
    }
}
