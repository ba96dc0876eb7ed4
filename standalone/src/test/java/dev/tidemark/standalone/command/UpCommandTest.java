package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.standalone.up.DataDirectory;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said before anything is started; that it works once it is, UpTest shows. */
class UpCommandTest {
    private static final String HUSH = "hunter2-correct-horse";

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);

    @Test
    void aNewDirectoryNeedsToKnowWhichRedis() {
        assertThat(terminal.run("up")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("--redis redis://127.0.0.1:6379");
    }

    @Test
    void aPasswordOnTheCommandLineIsRefusedAndNotRepeated() {
        assertThat(terminal.run("up", "--redis", "redis://:" + HUSH + "@127.0.0.1:6379"))
                .isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err())
                .contains("redis.uri holds a user or password")
                .doesNotContain(HUSH);
        assertThat(directory.resolve("tidemark-data/tidemark.yml")).doesNotExist();
    }

    @Test
    void aRedisThatIsNotThereLeavesNothingBegun() {
        assertThat(terminal.run("up", "--redis", "redis://127.0.0.1:" + FreePort.next()))
                .isEqualTo(ExitCode.UNREACHABLE.number());

        assertThat(terminal.err()).contains("nothing was started").contains("name the right one with --redis");
        assertThat(directory.resolve("tidemark-data/tidemark.yml")).doesNotExist();
    }

    @Test
    void aWrongPasswordIsNamedWithTheWayOut() {
        try (RedisServer redis = RedisServer.start()) {
            redis.aclUser("default", HUSH, "~*", "&*", "+@all");
            int code = terminal.run("up", "--redis", redis.uri().toString());

            assertThat(code).isEqualTo(ExitCode.UNREACHABLE.number());
            assertThat(terminal.err()).contains("TIDEMARK_REDIS_PASSWORD").doesNotContain(HUSH);
        }
    }

    @Test
    void aDatabaseThatIsNotBackedUpIsNamed() {
        try (RedisServer redis = RedisServer.start();
                RedisClient client =
                        RedisClient.create(redis.uri().resolve("/3").toString())) {
            client.connect().sync().set("left-out", "1");
            // Further it need not come.
            String[] nowhere = {"--s3", "s3://backups", "--endpoint", "http://127.0.0.1:" + FreePort.next()};

            terminal.run("up", "--redis", redis.uri().toString(), nowhere[0], nowhere[1], nowhere[2], nowhere[3]);

            assertThat(terminal.err())
                    .contains("WARNING    databases: 0 has no keys; not captured: 3 has 1 key")
                    .contains("put source.databases: [0, 3] into tidemark.yml");
        }
    }

    @Test
    void anAuthorityThatIsNotKnownIsNamedWithTheWayOut() {
        try (RedisServer redis =
                RedisServer.start(RedisServer.Options.defaults().withTls())) {
            int code = terminal.run("up", "--redis", redis.uri().toString());

            assertThat(code).isEqualTo(ExitCode.UNREACHABLE.number());
            assertThat(terminal.err()).contains("nothing was started").contains("TIDEMARK_REDIS_CA_FILE");
            assertThat(directory.resolve("tidemark-data/tidemark.yml")).doesNotExist();
        }
    }

    @Test
    void aDirectoryIsForOneRedis() throws IOException {
        begin(1);

        assertThat(terminal.run("up", "--redis", "redis://127.0.0.1:2")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err())
                .contains("--redis is redis://127.0.0.1:2, but redis.uri is redis://127.0.0.1:1")
                .contains("--data", "change the key in " + config());
    }

    @ParameterizedTest
    @CsvSource({
        "--s3, s3://elsewhere/x, 'the bucket of --s3 is elsewhere, but s3.bucket is backups'",
        "--s3, s3://backups/x, 'the root of --s3 is x, but s3.root is redis'",
        "--s3, s3://backups, 'the root of --s3 is empty, but s3.root is redis'",
        "--endpoint, http://127.0.0.1:2, '--endpoint is http://127.0.0.1:2, but s3.endpoint is http://127.0.0.1:1'",
        "--region, eu-west-1, '--region is eu-west-1, but s3.region is us-east-1'",
        "--name, other, '--name is other, but source.name is redis'"
    })
    void anOptionThatTheDirectoryContradictsIsRefused(String option, String value, String said) throws IOException {
        beginOutside();
        String before = Files.readString(config());

        assertThat(terminal.run("up", option, value)).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains(said, "nothing was started", "--data", "change the key in " + config());
        assertThat(config()).content().isEqualTo(before);
    }

    @Test
    void allThatIsContradictedIsToldAtOnceAndNoPassword() throws IOException {
        beginOutside();

        assertThat(terminal.run("up", "--name", "other", "--redis", "redis://:" + HUSH + "@127.0.0.1:1"))
                .isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("--name is other", "--redis is an address with a user or password");
        assertThat(terminal.err()).doesNotContain(HUSH);
    }

    @Test
    void aBucketElsewhereIsRefusedWhereTheArchiveLiesInTheDirectory() throws IOException {
        begin(1);
        embedded(1);

        // Of the very name that the bucket in the directory has.
        assertThat(terminal.run("up", "--s3", "s3://tidemark")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err())
                .contains("--s3 is s3://tidemark, but the archive lies in the folder s3 of that directory");
    }

    @Test
    void whatTheDirectorySaysTooIsNotRefused() throws IOException {
        try (ServerSocket stranger = new ServerSocket(0)) {
            beginOutside();
            Files.writeString(
                    directory.resolve("tidemark-data/embedded.properties"),
                    "kafka-port=%d%ns3-port=%d%n".formatted(stranger.getLocalPort(), FreePort.next()));
            Files.writeString(
                    config(),
                    "kafka: {bootstrap: \"127.0.0.1:%d\"}%n".formatted(stranger.getLocalPort()),
                    StandardOpenOption.APPEND);
            terminal.run(
                    "up",
                    "--redis",
                    "redis://127.0.0.1:1",
                    "--name",
                    "redis",
                    "--s3",
                    "s3://backups/redis/",
                    "--endpoint",
                    "http://127.0.0.1:1",
                    "--region",
                    "us-east-1");

            assertThat(terminal.err())
                    .as("got past the options, to the broker")
                    .contains("is in use by another program");
        }
    }

    @Test
    void aBucketThatRefusesLeavesNothingBegunAndTheRightOneIsTaken() throws Exception {
        try (RedisServer redis = RedisServer.start();
                S3Endpoint store = S3Endpoint.start()) {
            assertRefused(redis, store.uri(), "nosuch", store.secretKey(), store, "bucket nosuch is not there");
            assertRefused(redis, store.uri(), store.bucket(), HUSH, store, "credentials of --s3");
            URI nobody = URI.create("http://127.0.0.1:" + FreePort.next());
            assertRefused(redis, nobody, store.bucket(), store.secretKey(), store, "reachable of --s3");

            Thread up = new Thread(() -> first(redis, store.uri(), store.bucket(), store, store.secretKey()));
            up.start();
            try {
                Await.until(
                        Duration.ofSeconds(90),
                        () -> terminal.out().contains("is being backed up") || !up.isAlive(),
                        "up");
            } finally {
                up.interrupt();
                up.join(Duration.ofSeconds(60).toMillis());
            }
            assertThat(terminal.out()).as(terminal.err()).contains("is being backed up");
        }
    }

    private void assertRefused(
            RedisServer redis, URI endpoint, String bucket, String secret, S3Endpoint store, String said)
            throws IOException {
        assertThat(first(redis, endpoint, bucket, store, secret)).isEqualTo(ExitCode.UNREACHABLE.number());

        assertThat(terminal.err()).contains(said, "nothing was started").doesNotContain(HUSH);
        try (Stream<Path> left = Files.list(directory.resolve("tidemark-data"))) {
            assertThat(left).extracting(Path::getFileName).containsExactly(Path.of("up.lock"));
        }
    }

    private int first(RedisServer redis, URI endpoint, String bucket, S3Endpoint store, String secret) {
        return terminal.with(
                        Map.of("TIDEMARK_S3_ACCESS_KEY_ID", store.accessKey(), "TIDEMARK_S3_SECRET_ACCESS_KEY", secret))
                .run(
                        "up",
                        "--redis",
                        redis.uri().toString(),
                        "--s3",
                        "s3://" + bucket + "/root",
                        "--endpoint",
                        endpoint.toString(),
                        "--drill-every",
                        "0s");
    }

    @Test
    void aDirectoryIsForOneProcess() {
        try (DataDirectory held = DataDirectory.claim(directory.resolve("tidemark-data"))) {
            assertThat(terminal.run("up", "--redis", "redis://127.0.0.1:1")).isEqualTo(ExitCode.USAGE.number());

            assertThat(terminal.err()).contains("another 'tidemark up' works in " + held.path());
        }
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheFilesThatSayIt() throws IOException {
        try (ServerSocket stranger = new ServerSocket(0)) {
            begin(stranger.getLocalPort());
            embedded(stranger.getLocalPort());

            assertThat(terminal.run("up")).isEqualTo(ExitCode.USAGE.number());

            assertThat(terminal.err())
                    .contains("port %d of 127.0.0.1 is in use".formatted(stranger.getLocalPort()))
                    .contains("embedded.properties");
        }
    }

    /** As when two of them were begun at once, and each found the port free. */
    @Test
    void aPortOfMetricsThatIsTakenIsNamedWithItsKeyAndNothingStaysUp() throws IOException {
        try (RedisServer redis = RedisServer.start();
                ServerSocket stranger = new ServerSocket(0)) {
            Files.createDirectories(config().getParent());
            int kafka = FreePort.next();
            int s3 = FreePort.next();
            Files.writeString(
                    directory.resolve("tidemark-data/embedded.properties"),
                    "kafka-port=%d%ns3-port=%d%n".formatted(kafka, s3));
            Files.writeString(config(), """
                    source: {name: redis, shards: 1}
                    redis: {uri: "%s"}
                    kafka: {bootstrap: "127.0.0.1:%d", single-copy: true}
                    s3: {bucket: tidemark, endpoint: "http://127.0.0.1:%d", path-style: true, access-key-id: a, secret-access-key: b}
                    http: {capture-port: %d}
                    """.formatted(redis.uri(), kafka, s3, stranger.getLocalPort()));

            assertThat(terminal.run("up")).isEqualTo(ExitCode.USAGE.number());

            assertThat(terminal.err())
                    .contains("cannot listen on 127.0.0.1:" + stranger.getLocalPort())
                    .contains("Set http.capture-port to a free one");
            assertThat(terminal.out()).doesNotContain("is being backed up");
            assertThat(FreePort.isFree(kafka)).as("the broker has ended").isTrue();
        }
    }

    @Test
    void itHasASettingsFileOfItsOwn() throws IOException {
        begin(1);

        assertThat(terminal.run("up", "--config", "other.yml")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("--config has no place in it");
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

    private void embedded(int s3Port) throws IOException {
        Files.writeString(
                directory.resolve("tidemark-data/embedded.properties"),
                "kafka-port=%d%ns3-port=%d%n".formatted(FreePort.next(), s3Port));
    }

    private void beginOutside() throws IOException {
        Files.createDirectories(directory.resolve("tidemark-data"));
        String yaml = """
                source: {name: redis}
                redis: {uri: "redis://127.0.0.1:1"}
                s3: {bucket: backups, root: redis, endpoint: "http://127.0.0.1:1", access-key-id: a, secret-access-key: b}
                """;
        Files.writeString(config(), yaml);
        embedded(FreePort.next());
    }

    private Path config() {
        return directory.resolve("tidemark-data/tidemark.yml");
    }
}
