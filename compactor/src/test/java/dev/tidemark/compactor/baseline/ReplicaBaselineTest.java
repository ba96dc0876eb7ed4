package dev.tidemark.compactor.baseline;

import static dev.tidemark.compactor.baseline.BaselineGround.config;
import static dev.tidemark.compactor.baseline.BaselineGround.connected;
import static dev.tidemark.compactor.baseline.BaselineGround.take;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Mode;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisSentinels;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A baseline is a replica's where that holds what its primary does, and else its primary's. */
class ReplicaBaselineTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static BaselineGround ground;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        ground = new BaselineGround();
    }

    @AfterAll
    static void stop() {
        ground.close();
    }

    @Test
    void aReplicaIsAskedUnlessItTakesWritesOfItsOwn() throws Exception {
        try (RedisServer primary = RedisServer.start();
                RedisServer replica = RedisServer.start(replicaOf(primary, RedisServer.Options.defaults()))) {
            replica.awaitInSync();
            Settings settings = ground.settings("read-only", primary.uri());
            try (SimulatedWatch watch = ground.watch(settings)) {
                awaitCanaryOn(replica);
                assertThat(giver(take(settings, BaselineTaker::fromReplication)))
                        .isEqualTo("127.0.0.1:" + replica.port());

                config(replica, "replica-read-only", "no");

                assertThat(giver(take(settings, BaselineTaker::fromReplication)))
                        .isEqualTo("127.0.0.1:" + primary.port());
                assertThat(watch.n()).isPositive();
            }
        }
    }

    /** A VADD of an element that is there changes its vector, and no replica hears of it. */
    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void vectorSetsAreThePrimarys(MatrixServer server) throws Exception {
        assumeTrue(server.isHere(), server::whyNot);
        try (RedisServer primary = RedisServer.start(server.options());
                RedisServer replica = RedisServer.start(replicaOf(primary, server.options()))) {
            assumeTrue(hasVectorSets(primary), () -> server + " has no vector sets");
            replica.awaitInSync();
            String source = "vectors-" + server.name().replace('.', '-');
            Settings settings = ground.settings(source, primary.uri());
            try (SimulatedWatch watch = ground.watch(settings);
                    Archive archive = ground.archive(source);
                    RedisSocket redis = connected(primary)) {
                awaitCanaryOn(replica);
                redis.call("VADD", "set", "VALUES", "2", "1", "0", "element");
                redis.call("VADD", "set", "VALUES", "2", "0", "1", "element");
                redis.call("WAIT", "1", "10000");

                assertThat(giver(take(settings, BaselineTaker::fromReplication)))
                        .isEqualTo("127.0.0.1:" + primary.port());
                assertThat(take(settings, taker -> taker.fromFile(Optional.empty()))
                                .mode())
                        .isEqualTo(Mode.FILE);

                // An export is as likely a replica's.
                Path copy = Files.copy(primary.directory().resolve("dump.rdb"), directory.resolve("copy.rdb"));
                assertThatThrownBy(() -> take(settings, taker -> taker.fromExport(copy.toString())))
                        .isInstanceOf(TidemarkError.class)
                        .hasMessageContaining("holds vector sets");
                assertThat(archive.baselines().manifests()).hasSize(2);

                Settings others = settings.with(new SourceSettings(source, 1, List.of("chunk:"), List.of(0)));
                assertThat(giver(take(others, BaselineTaker::fromReplication)))
                        .as("who gives a baseline of other keys")
                        .isEqualTo("127.0.0.1:" + replica.port());
                assertThat(watch.n()).isPositive();
            }
        }
    }

    /** To whom one of a primary looks like a replica that died. */
    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void behindSentinelsVectorSetsAreNobodys(MatrixServer server) throws Exception {
        assumeTrue(server.isHere(), server::whyNot);
        RedisSentinels.Options options =
                RedisSentinels.Options.defaults().withNodes(server.options()).withReplicas(1);
        try (RedisSentinels sentinels = RedisSentinels.start(options)) {
            assumeTrue(hasVectorSets(sentinels.primary()), () -> server + " has no vector sets");
            String source = "sentinels-" + server.name().replace('.', '-');
            ground.createTopics(source);
            Settings settings = ground.settings(
                    source,
                    RedisSettings.sentinel(
                            URI.create("redis://" + sentinels.addresses().get(0)),
                            sentinels.masterName(),
                            sentinels.addresses()));
            try (RedisSocket redis = connected(sentinels.primary());
                    Archive archive = ground.archive(source)) {
                redis.call("VADD", "set", "VALUES", "2", "1", "0", "element");
                redis.call("WAIT", "1", "10000");

                assertThatThrownBy(() -> take(settings, BaselineTaker::fromReplication))
                        .isInstanceOf(TidemarkError.class)
                        .hasMessageContaining("has vector sets")
                        .hasMessageContaining("look to the Sentinels")
                        .hasMessageContaining("--mode file");
                assertThat(archive.baselines().manifests()).isEmpty();
            }
        }
    }

    private static RedisServer.Options replicaOf(RedisServer primary, RedisServer.Options options) {
        return options.withReplicaOf(primary.port()).withConfig("repl-diskless-sync-delay 0");
    }

    private static void awaitCanaryOn(RedisServer replica) throws IOException {
        try (RedisSocket redis = connected(replica)) {
            Await.until(LIMIT, () -> holdsKeys(redis), "the canary is on the replica");
        }
    }

    private static boolean holdsKeys(RedisSocket redis) {
        try {
            return !redis.call("DBSIZE").equals("0");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean hasVectorSets(RedisServer server) throws IOException {
        try (RedisSocket redis = connected(server)) {
            redis.send("COMMAND".getBytes(US_ASCII), "DOCS".getBytes(US_ASCII), "VADD".getBytes(US_ASCII));
            return redis.array() > 0;
        }
    }

    private static String giver(Baseline baseline) {
        assertThat(baseline.nodes()).hasSize(1);
        return baseline.nodes().get(0).name();
    }
}
