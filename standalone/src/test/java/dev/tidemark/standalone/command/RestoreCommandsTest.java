package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** points, plan and restore from the command line to a real Redis. */
@TestInstance(Lifecycle.PER_CLASS)
class RestoreCommandsTest {
    private static final String NAME = "prod-rag";
    private final Instant began = Instant.now().minus(Duration.ofHours(2)).truncatedTo(ChronoUnit.SECONDS);
    private final Instant gapBegins = began.plusSeconds(600);
    private final Instant gapEnds = began.plusSeconds(700);
    private final Instant last = began.plusSeconds(3_600);

    private Path directory;
    private S3Endpoint s3;
    private final Terminal terminal = Terminal.in(() -> directory);

    @BeforeAll
    void backUp(@TempDir Path temporary) throws IOException {
        directory = temporary;
        s3 = S3Endpoint.start();
        S3Settings settings = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        try (Archive archive = Archive.open(settings, NAME)) {
            SegmentWriter writer = new SegmentWriter(NAME, new SegmentKey(Hour.of(micros(began)), 0, 1, 0));
            writer.add(0, new LogRow.EpochClaimed(0, micros(began)));
            writer.add(1, new LogRow.ResyncBegun(0, micros(began), "first start"));
            writer.add(2, change("before", began));
            writer.add(3, new LogRow.ResyncEnded(0, micros(began), 1));
            writer.add(4, change("second", began.plusSeconds(300)));
            writer.add(5, new LogRow.ResyncBegun(0, micros(gapEnds), "coverage lost"));
            writer.add(6, change("after", gapEnds));
            writer.add(7, new LogRow.ResyncEnded(0, micros(gapEnds), 5));
            archive.put(writer.finish(
                    8,
                    0,
                    micros(gapEnds),
                    List.of(
                            new ClaimInterval(new Base(1, 3, micros(began)), micros(gapBegins), 5, 1_100_000),
                            new ClaimInterval(new Base(5, 7, micros(gapEnds)), micros(last), 8, 900_000))));
            archive.gaps().explain(gap(gapBegins.plusMillis(200), 7, "the node is a slave, not a primary"));
            archive.gaps().explain(gap(gapBegins.plusMillis(201), 8, "said twice within a second"));
            archive.gaps().explain(gap(gapBegins.plusSeconds(30), 9, "run id changed\u001b[2J"));
            archive.gaps().explain(gap(gapEnds.plusSeconds(60), 10, "of another time"));
        }
        configure("tidemark.yml", 1);
    }

    /** @param port of a source and of a Kafka that are gone */
    private Path configure(String name, int port) throws IOException {
        return Files.writeString(directory.resolve(name), """
            source: {name: %s, shards: 1}
            redis: {uri: "redis://127.0.0.1:%d"}
            kafka: {bootstrap: "127.0.0.1:%d"}
            s3:
              bucket: %s
              endpoint: %s
              path-style: true
              access-key-id: %s
              secret-access-key: %s
            """.formatted(
                        NAME, port, port, s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey()));
    }

    private static Gap gap(Instant at, long offset, String reason) {
        return new Gap(new GapKey(micros(at), 0, 1, offset), "10.0.0.7:6379", reason, OptionalLong.empty());
    }

    @AfterAll
    void stop() {
        s3.close();
    }

    @Test
    void pointsTellsTheRangesTheGapAndWhatToDoNext() {
        assertThat(terminal.run("points", "--no-tail")).isZero();

        assertThat(terminal.out())
                .containsPattern("prod-rag   RPO now 1 h \\d\\d m|prod-rag   RPO now \\d+ m \\d\\d s")
                .contains("restorable " + began + " .. " + gapBegins + ", exact within 1.1 s")
                .contains("1 gap:")
                .contains(gapBegins + " .. " + gapEnds
                        + "   the node is a slave, not a primary (10.0.0.7:6379); run id changed?[2J (10.0.0.7:6379)")
                .contains("next:      tidemark plan --to ");
    }

    @Test
    void pointsSaysWhyTheTailIsNotUsed() {
        assertThat(terminal.run("points")).isZero();

        assertThat(terminal.out()).contains("NO TAIL    this ends at S3: Kafka at 127.0.0.1:1 ");
    }

    @Test
    void pointsAsJsonHasStableNames() throws IOException {
        assertThat(terminal.run("points", "--no-tail", "-o", "json")).isZero();

        JsonNode json = new ObjectMapper().readTree(terminal.out());
        assertThat(json.get("source").asText()).isEqualTo(NAME);
        assertThat(json.get("ranges")).hasSize(2);
        assertThat(json.get("ranges").get(1).get("through").asText()).isEqualTo(last.toString());
        assertThat(json.get("gaps").get(0).get("from").asText()).isEqualTo(gapBegins.toString());
        assertThat(json.get("gaps").get(0).get("reasons")).hasSize(2);
        assertThat(json.get("gaps").get(0).get("reasons").get(0).get("node").asText())
                .isEqualTo("10.0.0.7:6379");
        assertThat(json.get("exactness_seconds").asDouble()).isEqualTo(1.1);
        assertThat(json.get("rpo_on_s3_seconds").asDouble()).isGreaterThan(3_000);
        assertThat(json.get("tail").get("state").asText()).isEqualTo("left_out");
        assertThat(json.get("holes")).isEmpty();
        assertThat(json.get("shards").get(0).get("segments").asInt()).isEqualTo(1);
    }

    @Test
    void planRefusesATimeInsideTheGapAndNamesTheNearestOnes() {
        assertThat(terminal.run(
                        "plan", "--no-tail", "--to", gapBegins.plusSeconds(10).toString()))
                .isEqualTo(3);

        assertThat(terminal.err()).contains("before it " + gapBegins + ", after it " + gapEnds);
    }

    @Test
    void planTellsWhatIsRead() {
        assertThat(terminal.run("plan", "--no-tail", "--to", "latest")).isZero();

        assertThat(terminal.out())
                .contains("prod-rag   to " + last + " (the latest), exact within 0.0 s")
                .contains("reads      1 files")
                .contains("next:      tidemark restore --to " + last);
    }

    @Test
    void restoreFillsATargetAndProvesIt() throws IOException {
        try (RedisServer target = RedisServer.start()) {
            target.aclUser("ops", "s3cret", "~*", "&*", "+@all");
            Path password = Files.writeString(directory.resolve("password"), "s3cret\n");
            String uri = "redis://ops@127.0.0.1:" + target.port();

            int code = terminal.run(
                    "restore",
                    "--no-tail",
                    "--to",
                    began.plusSeconds(400).toString(),
                    "--into",
                    uri,
                    "--target-password-file",
                    password.toString(),
                    "-o",
                    "json");

            assertThat(code).as(terminal.err()).isZero();
            JsonNode json = new ObjectMapper().readTree(terminal.out());
            assertThat(json.get("keys_written").asInt()).isEqualTo(2);
            assertThat(json.get("proven").asBoolean()).isTrue();
            assertThat(terminal.err()).contains("proving").doesNotContain("s3cret");

            assertThat(terminal.run(
                            "restore",
                            "--no-tail",
                            "--to",
                            "latest",
                            "--into",
                            target.uri().toString()))
                    .isEqualTo(4);
            assertThat(terminal.err()).contains("is not empty: it holds 2 keys");

            assertThat(terminal.run(
                            "restore",
                            "--no-tail",
                            "--to",
                            "latest",
                            "--replace",
                            "--into",
                            target.uri().toString()))
                    .isZero();
            assertThat(terminal.out()).contains("restored   1 keys").contains("proof      PASS: 1 keys");
        }
    }

    @Test
    void aTargetThatIsNoRedisAddressIsWrongUsage() {
        assertThat(terminal.run("restore", "--to", "latest", "--into", "http://127.0.0.1:6379"))
                .isEqualTo(2);
    }

    @Test
    void aSnapshotIsWrittenThatAServerLoads() throws IOException {
        Path data = Files.createDirectories(directory.resolve("data"));

        assertThat(terminal.run(
                        "restore",
                        "--no-tail",
                        "--to",
                        began.plusSeconds(400).toString(),
                        "--prefix",
                        "bef",
                        "--rdb",
                        data.resolve("dump.rdb").toString()))
                .as(terminal.err())
                .isZero();

        assertThat(terminal.out()).contains("restored   1 keys").contains("proof      PASS: 1 keys");
        RedisServer.Options options = RedisServer.Options.defaults().withDirectory(data);
        try (RedisServer server = RedisServer.start(options)) {

            assertThat(terminal.run(
                            "restore",
                            "--no-tail",
                            "--to",
                            "latest",
                            "--into",
                            server.uri().toString()))
                    .isEqualTo(4);
            assertThat(terminal.err()).contains("is not empty: it holds 1 keys");
        }
    }

    @Test
    void aReplicaIsToldToFollowAndToStandAlone() {
        try (RedisServer target = RedisServer.start()) {
            assertThat(terminal.run(
                            "restore",
                            "--no-tail",
                            "--to",
                            "latest",
                            "--serve",
                            Integer.toString(FreePort.next()),
                            "--into",
                            target.uri().toString()))
                    .as(terminal.err())
                    .isZero();

            assertThat(terminal.out()).contains("proof      PASS: 1 keys").doesNotContain("REPLICAOF");
        }
    }

    @Test
    void moreLossThanIsAllowedIsRefused() {
        assertThat(terminal.run(
                        "restore", "--no-tail", "--to", "latest", "--max-loss", "5m", "--dry-run", "--rdb", "x"))
                .isEqualTo(3);
        assertThat(terminal.err()).contains("--max-loss allows 5 m 00 s");

        assertThat(terminal.run(
                        "restore", "--no-tail", "--to", "latest", "--max-loss", "3h", "--dry-run", "--rdb", "x"))
                .isZero();
        assertThat(terminal.out()).contains("dry run: nothing was written");
        assertThat(directory.resolve("x")).doesNotExist();
    }

    @Test
    void whereToAndWhatToRestoreMustBeClear() {
        assertThat(terminal.run("restore", "--to", "latest")).isEqualTo(2);
        assertThat(terminal.run("restore", "--to", "latest", "--rdb", "x", "--serve", "7000"))
                .isEqualTo(2);
        assertThat(terminal.run("restore", "--to", "latest", "--serve", "port")).isEqualTo(2);
        assertThat(terminal.run("restore", "--to", "latest", "--rdb", "x", "--slots", "5-17000"))
                .isEqualTo(2);
        assertThat(terminal.run("restore", "--to", "latest", "--rdb", "x", "--ttl", "forget"))
                .isEqualTo(2);
        assertThat(terminal.run("restore", "--to", "latest", "--rdb", "x", "--max-loss", "long"))
                .isEqualTo(2);
    }

    @Test
    void aPartOrAMergeIsForWhatIsWrittenKeyByKey() {
        assertThat(terminal.run("restore", "--to", "latest", "--rdb", "x", "--merge"))
                .isEqualTo(2);
        assertThat(terminal.run("restore", "--to", "latest", "--into", "redis://h:1", "--merge", "--replace"))
                .isEqualTo(2);
        assertThat(terminal.run("restore", "--to", last.toString(), "--rdb", "x", "--shard", "1/2"))
                .isEqualTo(2);
        assertThat(terminal.run("restore", "--to", last.toString(), "--into", "redis://h:1", "--shard", "3/2"))
                .isEqualTo(2);
        assertThat(terminal.run("restore", "--to", "latest", "--into", "redis://h:1", "--shard", "1/2"))
                .isEqualTo(2);
        assertThat(terminal.err()).contains("name the time");
        assertThat(terminal.run("restore", "--to", "latest", "--rdb", "s3://bucket-alone"))
                .isEqualTo(2);
    }

    /** Here nobody is waited for; there both take everything and say nothing. */
    @Test
    void withS3AloneEverythingWorksAndNothingWaitsLongForWhatIsGone() throws IOException {
        try (RedisServer target = RedisServer.start();
                FaultProxy hole = FaultProxy.before(target)) {
            hole.blackHole();
            String silent = configure("silent.yml", hole.port()).toString();
            String into = target.uri().toString();
            for (List<String> command : commands(into)) {
                Duration alone = timed(command, "tidemark.yml", "--no-tail");
                Duration swallowed = timed(command, silent);

                assertThat(swallowed.minus(alone)).as(command.toString()).isLessThan(Duration.ofSeconds(10));
            }
            assertThat(hole.accepted()).isPositive();
        }
    }

    private List<List<String>> commands(String into) {
        String at = began.plusSeconds(400).toString();
        return List.of(
                List.of("points"),
                List.of("status"),
                List.of("plan", "--to", "latest"),
                List.of("show", "before", "--at", at),
                List.of("history", "before"),
                List.of("diff", "--from", began.plusSeconds(1).toString(), "--to", at),
                List.of("diff", "--from", last.minusSeconds(1).toString(), "--to", last.toString()),
                List.of("restore", "--to", at, "--into", into, "--replace"),
                List.of(
                        "restore",
                        "--to",
                        at,
                        "--rdb",
                        directory.resolve("gone.rdb").toString(),
                        "--replace"),
                List.of("restore", "--to", at, "--rdb", "s3://" + s3.bucket() + "/gone.rdb", "--replace"),
                List.of(
                        "restore",
                        "--to",
                        at,
                        "--serve",
                        Integer.toString(FreePort.next()),
                        "--into",
                        into,
                        "--replace"),
                List.of("verify", into, "--at", at),
                List.of("drill", "--at", at));
    }

    private Duration timed(List<String> command, String config, String... more) {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of("--config", config));
        words.addAll(List.of(more));
        long began = System.nanoTime();
        int code = terminal.run(words.toArray(String[]::new));
        assertThat(code).as(words + "\n" + terminal.printed()).isEqualTo(command.contains("status") ? 8 : 0);
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static LogRow.Change change(String key, Instant at) {
        return new LogRow.Change(
                0,
                micros(at),
                micros(at) - 1,
                0,
                Bytes.utf8(key),
                new Value.Text(Bytes.utf8("value")),
                OptionalLong.empty(),
                "set");
    }

    private static long micros(Instant instant) {
        return RedisTime.micros(instant);
    }
}
