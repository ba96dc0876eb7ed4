package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.tidemark.capture.Capture;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Requests;
import dev.tidemark.servers.SaslMechanism;
import dev.tidemark.servers.SmallDisk;
import dev.tidemark.standalone.configuration.Configuration;
import dev.tidemark.standalone.endtoend.ScratchDisk;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A wrong password, a bucket without rights, a port in use, a full disk: each service names the thing and the way out. */
@TestInstance(Lifecycle.PER_CLASS)
class ServiceTroubleTest {
    private static final String HUSH = "hunter2-correct-horse";

    private final Map<String, String> environment = new TreeMap<>();
    private RedisServer redis;
    private KafkaBroker kafka;
    private S3Endpoint s3;

    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory).with(environment);

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        directory = temporary;
        redis = RedisServer.start();
        kafka = KafkaBroker.start(KafkaBroker.Options.defaults().withSasl(SaslMechanism.PLAIN));
        s3 = S3Endpoint.start();
        StringBuilder properties = new StringBuilder();
        Map<String, Object> client = new TreeMap<>(kafka.clientProperties());
        client.remove("bootstrap.servers");
        client.forEach((name, value) -> properties.append(
                "    %s: '%s'%n".formatted(name, value.toString().replace("'", "''"))));
        Files.writeString(directory.resolve("tidemark.yml"), """
                source: {name: trouble, shards: 1}
                redis: {uri: "%s"}
                kafka:
                  bootstrap: "%s"
                  single-copy: true
                  properties:
                %ss3: {bucket: %s, endpoint: "%s", path-style: true, access-key-id: %s, secret-access-key: %s}
                compactor: {state-dir: "%s"}
                http: {capture-port: 0, compactor-port: 0}
                """.formatted(
                        redis.uri(),
                        kafka.bootstrap(),
                        properties,
                        s3.bucket(),
                        s3.uri(),
                        s3.accessKey(),
                        s3.secretKey(),
                        directory.resolve("state")));
        // Whoever starts first creates the topics that the compactor wants to find.
        Capture.start(new Configuration(directory, Map.of()).load(Optional.empty(), Role.CAPTURE))
                .close();
    }

    @AfterAll
    void stop() {
        s3.close();
        kafka.close();
        redis.close();
    }

    @BeforeEach
    void asConfigured() {
        environment.clear();
        s3.faults().clear();
    }

    @Test
    void aWrongPasswordOfS3() {
        environment.put("TIDEMARK_S3_SECRET_ACCESS_KEY", HUSH);
        for (String service : List.of("compact", "baseline")) {
            assertThat(failure(service, ExitCode.UNREACHABLE))
                    .contains("s3://" + s3.bucket(), "Check s3.access-key-id");
        }
    }

    @Test
    void aBucketWithoutRights() {
        s3.faults().failRatio(1, 403, S3Requests.puts());
        for (String service : List.of("compact", "baseline")) {
            assertThat(failure(service, ExitCode.UNREACHABLE))
                    .contains("s3://" + s3.bucket(), "AccessDenied", "the rights of that user on the bucket");
        }
    }

    @Test
    void aPortInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = String.valueOf(taken.getLocalPort());
            environment.put("TIDEMARK_HTTP_CAPTURE_PORT", port);
            environment.put("TIDEMARK_HTTP_COMPACTOR_PORT", port);
            assertThat(failure("capture", ExitCode.USAGE)).contains("127.0.0.1:" + port, "Set http.capture-port");
            assertThat(failure("compact", ExitCode.USAGE)).contains("127.0.0.1:" + port, "Set http.compactor-port");
        }
    }

    @Test
    void aWrongPasswordOfKafka() {
        environment.put(
                "TIDEMARK_KAFKA_PROPERTIES_SASL_JAAS_CONFIG",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"nobody\" password=\"%s\";"
                        .formatted(HUSH));
        for (String service : List.of("capture", "compact")) {
            assertThat(failure(service, ExitCode.UNREACHABLE))
                    .contains("Kafka at " + kafka.bootstrap(), "Authentication failed", "kafka.properties");
        }
    }

    @Test
    void aWrongPasswordOfRedis() {
        environment.put("TIDEMARK_REDIS_PASSWORD", HUSH);

        assertThat(failure("baseline", ExitCode.UNREACHABLE))
                .contains(":" + redis.port(), "redis.username and its password");
    }

    /** It may be mended while capture waits, which therefore goes on asking. */
    @Test
    void aWrongPasswordOfRedisIsLoggedByCapture() throws InterruptedException {
        environment.put("TIDEMARK_REDIS_PASSWORD", HUSH);
        Logger log = (Logger) LoggerFactory.getLogger("dev.tidemark");
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        log.addAppender(events);
        Thread capture = new Thread(() -> terminal.run("capture"));
        capture.start();
        try {
            Await.until(
                    Duration.ofSeconds(90),
                    () -> List.copyOf(events.list).stream().anyMatch(event -> event.getFormattedMessage()
                            .contains("redis.password or redis.password-file")),
                    "capture to say what to check");
        } finally {
            capture.interrupt();
            capture.join();
            log.detachAppender(events);
        }
    }

    @Test
    void aFullDisk() {
        try (SmallDisk full = ScratchDisk.mountFull(directory)) {
            Path data = full.path().resolve("data");

            assertThat(terminal.run("up", "--redis", redis.uri().toString(), "--data", data.toString()))
                    .isEqualTo(ExitCode.USAGE.number());

            assertThat(terminal.printed())
                    .contains(data + " cannot be used as --data", "No space left on device", "a disk with room");
        }
    }

    private String failure(String service, ExitCode code) {
        assertThat(terminal.run(service)).as(terminal::printed).isEqualTo(code.number());
        assertThat(terminal.printed()).doesNotContain(HUSH);
        return terminal.printed();
    }
}
