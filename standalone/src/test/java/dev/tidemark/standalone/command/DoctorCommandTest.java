package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The whole examination from the command line, on real servers. */
@TestInstance(Lifecycle.PER_CLASS)
class DoctorCommandTest {
    private static final String HUSH = "hunter2-correct-horse";

    private RedisServer redis;
    private S3Endpoint s3;

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);

    @BeforeAll
    void start() {
        redis = RedisServer.start(RedisServer.Options.defaults().withConfig("notify-keyspace-events KA"));
        redis.aclUser("prod", HUSH, "~*", "&*", "+@all");
        s3 = S3Endpoint.start();
    }

    @AfterAll
    void stop() {
        s3.close();
        redis.close();
    }

    @Test
    void whereAllIsInOrderTheExitCodeIsZero() throws IOException {
        try (KafkaBroker kafka = KafkaBroker.start()) {
            configure(redis.port(), kafka.bootstrap());

            assertThat(terminal.run("doctor")).as(terminal.out()).isZero();
        }
        assertThat(terminal.out())
                .startsWith("prod-rag   0 MISSING, 0 WARNING, ")
                .contains("redis 127.0.0.1:" + redis.port())
                .containsPattern("  ok +tracking +the canary came back")
                .containsPattern("  ok +tidemark.prod-rag.changes.g001 +does not exist yet")
                .containsPattern("  ok +create-only put")
                .doesNotContain(HUSH)
                .doesNotContain(s3.secretKey());
    }

    @Test
    void whatIsAwayIsToldInBoundedTimeAndTheOthersAreExamined() throws IOException {
        configure(FreePort.next(), "127.0.0.1:" + FreePort.next());
        Instant began = Instant.now();

        int code = terminal.run("doctor");

        assertThat(code).isEqualTo(ExitCode.DEGRADED.number());
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(30));
        assertThat(terminal.out())
                .startsWith("prod-rag   2 MISSING")
                .containsPattern("redis 127.0.0.1:\\d+\\R  MISSING  reachable")
                .containsPattern("kafka 127.0.0.1:\\d+\\R  MISSING  reachable")
                .containsPattern("in a shell:\\R +redis-cli -h 127.0.0.1 -p \\d+ ping")
                .containsPattern("  ok +multipart ");
    }

    @Test
    void scriptsFindStableNames() throws IOException {
        configure(FreePort.next(), "127.0.0.1:" + FreePort.next());

        terminal.run("doctor", "-o", "json");

        JsonNode json = new ObjectMapper().readTree(terminal.out());
        assertThat(names(json)).containsExactly("checks", "source", "state");
        assertThat(json.get("source").asText()).isEqualTo("prod-rag");
        assertThat(json.get("state").asText()).isEqualTo("missing");
        for (JsonNode check : json.get("checks")) {
            assertThat(names(check)).containsExactly("at", "check", "found", "mend", "state", "subject");
            assertThat(check.get("subject").asText()).isIn("redis", "kafka", "s3");
            assertThat(check.get("state").asText()).isIn("ok", "skipped", "warning", "missing");
        }
        JsonNode first = json.get("checks").get(0);
        assertThat(first.get("check").asText()).isEqualTo("reachable");
        assertThat(names(first.get("mend"))).containsExactly("line", "place");
        assertThat(first.get("mend").get("place").asText()).isEqualTo("shell");
        List<JsonNode> mends = StreamSupport.stream(json.get("checks").spliterator(), false)
                .filter(check -> check.get("subject").asText().equals("s3"))
                .map(check -> check.get("mend"))
                .toList();
        assertThat(mends).isNotEmpty().allMatch(JsonNode::isNull);
    }

    private static Set<String> names(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private void configure(int redisPort, String kafka) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), """
                source: {name: prod-rag, shards: 1}
                redis: {uri: "redis://127.0.0.1:%d", username: prod, password: %s}
                kafka: {bootstrap: "%s", single-copy: true}
                s3:
                  bucket: %s
                  endpoint: %s
                  path-style: true
                  access-key-id: %s
                  secret-access-key: %s
                """.formatted(
                        redisPort, HUSH, kafka, s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey()));
    }
}
