package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisServerTest {
    private static RedisClient client;

    @BeforeAll
    static void connect() {
        client = RedisClient.create();
    }

    @AfterAll
    static void disconnect() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }

    @Test
    void answersAsTheProcessThatWasStarted() {
        try (RedisServer redis = RedisServer.start()) {
            assertThat(on(redis.uri(), RedisCommands::info).toString())
                    .contains("process_id:" + redis.pid())
                    .contains("tcp_port:" + redis.port());
            assertThat(on(redis.uri(), commands -> commands.configGet("save"))).isEqualTo(Map.of("save", ""));
            assertThat(on(redis.uri(), commands -> commands.configGet("bind"))).isEqualTo(Map.of("bind", "127.0.0.1"));
        }
    }

    @Test
    void refusesToTakeAStrangersAnswerForItsOwn() {
        try (RedisServer stranger = RedisServer.start()) {
            RedisServer.Options samePort = RedisServer.Options.defaults().withPort(stranger.port());

            assertThatThrownBy(() -> RedisServer.start(samePort))
                    .isInstanceOf(ServerFailure.class)
                    .hasMessageContaining("port " + stranger.port())
                    .hasMessageMatching("(?s).*(that is pid %d|Address already in use).*".formatted(stranger.pid()));
            assertThat(on(stranger.uri(), RedisCommands::ping)).isEqualTo("PONG");
        }
    }

    @Test
    void aBadConfigurationIsReportedWithWhatTheServerSaid() {
        RedisServer.Options bad = RedisServer.Options.defaults().withConfig("no-such-setting yes");

        assertThatThrownBy(() -> RedisServer.start(bad))
                .isInstanceOf(ServerFailure.class)
                .hasMessageContaining("no-such-setting");
    }

    @Test
    void aShutdownKeepsTheDataForTheRestart() {
        try (RedisServer redis = RedisServer.start()) {
            on(redis.uri(), commands -> commands.set("k", "v"));
            int port = redis.port();
            long before = redis.pid();

            redis.shutdown();
            assertThat(redis.isAlive()).isFalse();
            redis.restart(true);

            assertThat(redis.port()).isEqualTo(port);
            assertThat(redis.pid()).isNotEqualTo(before);
            assertThat(on(redis.uri(), commands -> commands.get("k"))).isEqualTo("v");
        }
    }

    @Test
    void aRestartWithoutDataIsEmpty() throws IOException {
        RedisServer.Options durable = RedisServer.Options.defaults().withAppendOnly();
        try (RedisServer redis = RedisServer.start(durable)) {
            on(redis.uri(), commands -> commands.set("k", "v"));
            on(redis.uri(), RedisCommands::save);
            assertThat(redis.directory().resolve("dump.rdb")).exists();

            redis.restart(false);

            assertThat(redis.directory().resolve("dump.rdb")).doesNotExist();
            assertThat(on(redis.uri(), RedisCommands::dbsize)).isEqualTo(0L);
        }
    }

    @Test
    void aKillLosesWhatWasNotPersistedAndAnAppendOnlyFileLosesNothing() {
        try (RedisServer forgetful = RedisServer.start();
                RedisServer durable =
                        RedisServer.start(RedisServer.Options.defaults().withAppendOnly())) {
            on(forgetful.uri(), commands -> commands.set("k", "v"));
            on(durable.uri(), commands -> commands.set("k", "v"));

            forgetful.kill();
            durable.kill();
            assertThat(forgetful.isAlive()).isFalse();
            assertThatThrownBy(() -> on(durable.uri(), RedisCommands::ping))
                    .isInstanceOf(RedisConnectionException.class);
            forgetful.restart(true);
            durable.restart(true);

            assertThat(on(forgetful.uri(), commands -> commands.get("k"))).isNull();
            assertThat(on(durable.uri(), commands -> commands.get("k"))).isEqualTo("v");
        }
    }

    @Test
    void aPausedServerAnswersNothingAndGoesOnAfterwards() {
        try (RedisServer redis = RedisServer.start();
                StatefulRedisConnection<String, String> connection = client.connect(uri(redis.uri()))) {
            connection.sync().set("k", "1");

            redis.pause();
            connection.setTimeout(Duration.ofMillis(300));
            assertThatThrownBy(() -> connection.sync().incr("k")).isInstanceOf(RedisCommandTimeoutException.class);
            redis.resume();

            // The command was in the socket all the while: it is carried out, though nobody waits for it any more.
            connection.setTimeout(Duration.ofSeconds(10));
            assertThat(connection.sync().get("k")).isEqualTo("2");
        }
    }

    @Test
    void aPausedServerCanBeKilledAndClosed() {
        RedisServer redis = RedisServer.start();
        redis.pause();

        redis.close();

        assertThat(ProcessHandle.of(redis.pid()).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }

    @Test
    void anAclUserHasItsRulesAlsoAfterAKill() {
        try (RedisServer redis = RedisServer.start()) {
            redis.aclUser("reader", "first", "~*", "+@all");
            redis.aclUser("reader", "secret", "~rag:*", "+@read", "+@connection");
            URI reader = redis.uri("reader", "secret");
            on(redis.uri(), commands -> commands.set("rag:1", "v"));

            assertThat(on(reader, commands -> commands.get("rag:1"))).isEqualTo("v");
            assertThatThrownBy(() -> on(reader, commands -> commands.set("rag:1", "w")))
                    .isInstanceOf(RedisCommandExecutionException.class)
                    .hasMessageContaining("NOPERM");

            redis.kill();
            redis.restart(true);
            assertThat(on(reader, commands -> commands.get("rag:1"))).isNull();
            assertThatThrownBy(() -> on(reader, commands -> commands.get("other")))
                    .hasMessageContaining("NOPERM");
            assertThatThrownBy(() -> on(redis.uri("reader", "first"), RedisCommands::ping))
                    .isInstanceOf(RedisConnectionException.class);
        }
    }

    @Test
    void aReplicaOfAPrimaryWithAPasswordIsInSync() {
        RedisServer.Options options = RedisServer.Options.defaults().withPassword("secret");
        try (RedisServer primary = RedisServer.start(options);
                RedisServer replica = RedisServer.start(options.withReplicaOf(primary.port()))) {
            on(primary.uri(), commands -> commands.set("k", "v"));

            replica.awaitInSync();

            assertThat(on(replica.uri(), commands -> commands.get("k"))).isEqualTo("v");
            assertThatThrownBy(() -> on(replica.uri(), commands -> commands.set("k", "w")))
                    .hasMessageContaining("READONLY");
            assertThatThrownBy(() -> on(primary.uri("default", "wrong"), RedisCommands::ping))
                    .isInstanceOf(RedisConnectionException.class);
            assertThat(options.toString()).doesNotContain("secret");
        }
    }

    @Test
    void withTlsItIsReachedByThoseWhoTrustItsAuthorityAndInNoOtherWay() {
        RedisServer.Options options = RedisServer.Options.defaults().withTls();
        try (RedisServer primary = RedisServer.start(options);
                RedisServer replica = RedisServer.start(options.withReplicaOf(primary.port()))) {
            assertThat(primary.uri()).hasScheme("rediss");
            assertThat(onTls(primary.uri(), primary.caFile(), commands -> commands.set("k", "v")))
                    .isEqualTo("OK");
            replica.awaitInSync();
            primary.restart(true);

            assertThat(onTls(primary.uri(), replica.caFile(), commands -> commands.get("k")))
                    .isEqualTo("v");
            assertThatThrownBy(() -> on(primary.uri(), RedisCommands::ping))
                    .hasStackTraceContaining("unable to find valid certification path");
            assertThatThrownBy(() -> RedisControl.open(primary.port(), Duration.ofSeconds(10))
                            .call("PING"))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void findsAUsableServerAndItsVersion() {
        Optional<RedisBinary> found = RedisServer.find();

        assertThat(found).isPresent();
        try (RedisServer redis = RedisServer.start(
                RedisServer.Options.defaults().withBinary(found.get().path()))) {
            assertThat(redis.binary().isAtLeast(6, 2)).isTrue();
            assertThat(on(redis.uri(), RedisCommands::info).toString()).contains("_version:" + redis.version());
        }
    }

    @Test
    void aProgramThatIsNoRedisIsRefused() {
        Path notRedis = Executables.java();

        assertThat(RedisBinary.at(notRedis)).isEmpty();
        assertThatThrownBy(
                        () -> RedisServer.start(RedisServer.Options.defaults().withBinary(notRedis)))
                .isInstanceOf(ServerFailure.class)
                .hasMessageContaining(notRedis.toString());
    }

    @Test
    void theBundledServerRunsHere() {
        Optional<RedisBinary> bundled = BundledRedis.extract();

        assertThat(bundled).isPresent();
        try (RedisServer redis = RedisServer.start(
                RedisServer.Options.defaults().withBinary(bundled.get().path()))) {
            assertThat(redis.version()).startsWith("6.2.");
            assertThat(on(redis.uri(), RedisCommands::ping)).isEqualTo("PONG");
        }
    }

    @Test
    void aCallersDirectoryIsItsOwn(@TempDir Path directory) {
        RedisServer.Options options =
                RedisServer.Options.defaults().withDirectory(directory).withConfig("save 3600 1");
        try (RedisServer redis = RedisServer.start(options)) {
            on(redis.uri(), commands -> commands.set("k", "v"));
        }
        assertThat(directory.resolve("dump.rdb")).exists();

        try (RedisServer again = RedisServer.start(options)) {
            assertThat(on(again.uri(), commands -> commands.get("k"))).isEqualTo("v");
        }
    }

    @Test
    void aClosedServerLeavesItsLogAndNothingElse() {
        RedisServer redis = RedisServer.start();
        RedisServer kept = RedisServer.start().keepFiles();

        redis.close();
        kept.close();

        assertThat(redis.directory()).isDirectoryContaining(path -> path.equals(redis.log()));
        assertThat(redis.directory().toFile().list()).containsExactly("redis.log");
        assertThat(kept.directory().resolve("redis.conf")).exists();
        assertThat(Files.exists(kept.log())).isTrue();
    }

    private static Object on(URI uri, Function<RedisCommands<String, String>, Object> work) {
        try (StatefulRedisConnection<String, String> connection = client.connect(uri(uri))) {
            return work.apply(connection.sync());
        }
    }

    private static Object onTls(URI uri, Path caFile, Function<RedisCommands<String, String>, Object> work) {
        RedisClient trusting = RedisClient.create();
        trusting.setOptions(ClientOptions.builder()
                .sslOptions(SslOptions.builder().trustManager(caFile.toFile()).build())
                .build());
        try (StatefulRedisConnection<String, String> connection = trusting.connect(uri(uri))) {
            return work.apply(connection.sync());
        } finally {
            trusting.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        }
    }

    private static RedisURI uri(URI uri) {
        RedisURI result = RedisURI.create(uri);
        result.setTimeout(Duration.ofSeconds(10));
        return result;
    }
}
