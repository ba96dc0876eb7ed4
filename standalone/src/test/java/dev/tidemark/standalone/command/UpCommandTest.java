package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.up.DataDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said before anything is started; that it works once it is, UpTest shows. */
class UpCommandTest {
    private static final String HUSH = "hunter2-correct-horse";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @Test
    void aNewDirectoryNeedsToKnowWhichRedis() {
        assertThat(run("up")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("--redis redis://127.0.0.1:6379");
    }

    @Test
    void aPasswordOnTheCommandLineIsRefusedAndNotRepeated() {
        assertThat(run("up", "--redis", "redis://:" + HUSH + "@127.0.0.1:6379")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("redis.uri holds a user or password").doesNotContain(HUSH);
        assertThat(directory.resolve("tidemark-data/tidemark.yml")).doesNotExist();
    }

    @Test
    void aRedisThatIsNotThereLeavesNothingBegun() {
        assertThat(run("up", "--redis", "redis://127.0.0.1:" + FreePort.next()))
                .isEqualTo(ExitCode.UNREACHABLE.number());

        assertThat(err()).contains("nothing was started").contains("name the right one with --redis");
        assertThat(directory.resolve("tidemark-data/tidemark.yml")).doesNotExist();
    }

    @Test
    void aWrongPasswordIsNamedWithTheWayOut() {
        try (RedisServer redis = RedisServer.start()) {
            redis.aclUser("default", HUSH, "~*", "&*", "+@all");
            int code = run("up", "--redis", redis.uri().toString());

            assertThat(code).isEqualTo(ExitCode.UNREACHABLE.number());
            assertThat(err()).contains("TIDEMARK_REDIS_PASSWORD").doesNotContain(HUSH);
        }
    }

    @Test
    void aDirectoryIsForOneRedis() throws IOException {
        begin(1);

        assertThat(run("up", "--redis", "redis://127.0.0.1:2")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("backs up redis://127.0.0.1:1").contains("change redis.uri");
    }

    @Test
    void aDirectoryIsForOneProcess() {
        try (DataDirectory held = DataDirectory.claim(directory.resolve("tidemark-data"))) {
            assertThat(run("up", "--redis", "redis://127.0.0.1:1")).isEqualTo(ExitCode.USAGE.number());

            assertThat(err()).contains("another 'tidemark up' works in " + held.path());
        }
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheFilesThatSayIt() throws IOException {
        try (ServerSocket stranger = new ServerSocket(0)) {
            begin(stranger.getLocalPort());
            Files.writeString(
                    directory.resolve("tidemark-data/embedded.properties"),
                    "kafka-port=%d%ns3-port=%d%n".formatted(FreePort.next(), stranger.getLocalPort()));

            assertThat(run("up")).isEqualTo(ExitCode.USAGE.number());

            assertThat(err())
                    .contains("port %d of 127.0.0.1 is in use".formatted(stranger.getLocalPort()))
                    .contains("embedded.properties");
        }
    }

    @Test
    void itHasASettingsFileOfItsOwn() throws IOException {
        begin(1);

        assertThat(run("up", "--config", "other.yml")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("--config has no place in it");
    }

    private void begin(int s3Port) throws IOException {
        Path data = Files.createDirectories(directory.resolve("tidemark-data"));
        String yaml = """
                source: {name: redis}
                redis: {uri: "redis://127.0.0.1:1"}
                s3: {bucket: tidemark, endpoint: "http://127.0.0.1:%d", access-key-id: a, secret-access-key: b}
                """.formatted(s3Port);
        Files.writeString(data.resolve("tidemark.yml"), yaml);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int run(String... arguments) {
        Invocation invocation = new Invocation(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                directory,
                Clock.systemUTC());
        return TidemarkCommand.run(invocation, arguments);
    }
}
