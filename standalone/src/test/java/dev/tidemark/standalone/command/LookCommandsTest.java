package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.archive.Archive;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults;
import dev.tidemark.servers.S3Requests;
import dev.tidemark.servers.SmallDisk;
import dev.tidemark.standalone.Main;
import io.lettuce.core.RedisClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What an SRE types in an incident, with S3 alone: Kafka and the source are gone. */
@TestInstance(Lifecycle.PER_CLASS)
class LookCommandsTest {
    private static final String NAME = "prod-rag";
    private static final Duration GONE_MAX = Duration.ofSeconds(10);
    private static final String BINARY = "hex:00ff9e";

    private final Instant began = Instant.now().minus(Duration.ofMinutes(30)).truncatedTo(ChronoUnit.SECONDS);
    private final Instant gapBegins = began.plusSeconds(600);
    private final Instant gapEnds = began.plusSeconds(700);
    private final Instant last = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private Path directory;
    private S3Endpoint s3;
    private S3Settings settings;
    private ByteArrayOutputStream out;
    private ByteArrayOutputStream err;

    @BeforeAll
    void backUp(@TempDir Path temporary) throws IOException {
        directory = temporary;
        s3 = S3Endpoint.start();
        settings = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        archive(NAME);
        write("tidemark.yml", NAME, "");
    }

    private void archive(String source) {
        try (Archive archive = Archive.open(settings, source)) {
            SegmentWriter writer = new SegmentWriter(source, new SegmentKey(Hour.of(micros(began)), 0, 1, 0));
            writer.add(0, new LogRow.EpochClaimed(0, micros(began)));
            writer.add(1, new LogRow.ResyncBegun(0, micros(began), "first start"));
            writer.add(2, change(Bytes.utf8("lost in the gap"), began, text("x")));
            writer.add(3, new LogRow.ResyncEnded(0, micros(began), 1));
            writer.add(4, change(Bytes.utf8("chunk:1"), began.plusSeconds(300), chunk("first edition", 1)));
            writer.add(5, new LogRow.ResyncBegun(0, micros(gapEnds), "coverage lost"));
            writer.add(6, change(Bytes.utf8("chunk:1"), gapEnds, chunk("first edition", 1)));
            writer.add(7, change(Bytes.wrap(new byte[] {0, (byte) 0xff, (byte) 0x9e}), gapEnds, text("binary")));
            writer.add(8, new LogRow.ResyncEnded(0, micros(gapEnds), 5));
            writer.add(9, change(Bytes.utf8("chunk:1"), gapEnds.plusSeconds(100), chunk("second edition", 2)));
            writer.add(10, change(Bytes.utf8("chunk:2"), gapEnds.plusSeconds(101), chunk("another", 3)));
            archive.put(writer.finish(
                    11,
                    0,
                    micros(gapEnds.plusSeconds(101)),
                    List.of(
                            new ClaimInterval(new Base(1, 3, micros(began)), micros(gapBegins), 5, 1_100_000),
                            new ClaimInterval(new Base(5, 8, micros(gapEnds)), micros(last), 11, 900_000))));
            archive.gaps()
                    .explain(new Gap(
                            new GapKey(micros(gapBegins) + 1, 0, 1, 7),
                            "10.0.0.7:6379",
                            "failover",
                            OptionalLong.empty()));
        }
    }

    private void write(String file, String source, String more) throws IOException {
        Files.writeString(directory.resolve(file), """
                source: {name: %s, shards: 1}
                redis: {uri: "redis://127.0.0.1:1"}
                kafka: {bootstrap: "127.0.0.1:1"}
                s3: {bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key: "%s"}
                %s
                """.formatted(
                        source, s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey(), more));
    }

    @BeforeEach
    void nothingPrinted() {
        out = new ByteArrayOutputStream();
        err = new ByteArrayOutputStream();
    }

    @AfterAll
    void stop() {
        s3.close();
    }

    @Test
    void statusTellsWithinSecondsThatAllIsWellThoughKafkaAndTheSourceAreGone() throws IOException {
        long beganNanos = System.nanoTime();

        assertThat(run("status", "--config", config("calm", "restorer: {rpo-target: 1h}")))
                .as(this::printed)
                .isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - beganNanos)).isLessThan(GONE_MAX);
        assertThat(text())
                .contains("calm   PROTECTED   RPO now ")
                .contains("(target 3600 s)   no drill yet")
                .contains("restorable " + gapEnds + " .. " + last + ", exact within 1.1 s")
                .contains(gapBegins + " .. " + gapEnds + "   failover (10.0.0.7:6379)")
                .contains("NO TAIL    this ends at S3: Kafka at 127.0.0.1:1 ")
                .contains("next:      tidemark plan --to ");
    }

    @Test
    void statusIsDegradedWhenMoreWouldBeLostThanIsAllowedAndAGapIsOpen() throws IOException {
        String config = config("troubled", "restorer: {rpo-target: 1s}");
        try (Archive archive = Archive.open(settings, "troubled")) {
            archive.gaps()
                    .explain(new Gap(
                            new GapKey(micros(last) + 1, 0, 1, 11),
                            "10.0.0.8:6379",
                            "run id changed",
                            OptionalLong.empty()));
        }
        Await.until(GONE_MAX, () -> Instant.now().isAfter(last.plusSeconds(2)), "the target to be missed");

        assertThat(run("status", "--no-tail", "--config", config)).isEqualTo(8);

        assertThat(text())
                .contains("troubled   DEGRADED ")
                .contains("PROBLEM    nothing is protected since " + last + ": run id changed (10.0.0.8:6379)")
                .contains("would be lost now, and the target is 1 s");
        assertThat(answer("status", 8, "--no-tail", "--config", config).get("problems"))
                .hasSize(2);
    }

    private String config(String source, String more) throws IOException {
        archive(source);
        write(source + ".yml", source, more);
        return directory.resolve(source + ".yml").toString();
    }

    @Test
    void statusOfNothingIsDegraded() throws IOException {
        write("empty.yml", "empty", "");

        assertThat(run(
                        "status",
                        "--no-tail",
                        "--config",
                        directory.resolve("empty.yml").toString()))
                .isEqualTo(8);

        assertThat(text())
                .contains("empty   DEGRADED   RPO now none")
                .contains("PROBLEM    nothing can be restored")
                .contains("next:      tidemark doctor");
    }

    @Test
    void showTellsAKeyAsItWas() throws IOException {
        assertThat(run(
                        "show",
                        "chunk:1",
                        "--no-tail",
                        "--at",
                        gapEnds.plusSeconds(50).toString()))
                .as(this::printed)
                .isZero();

        assertThat(text())
                .contains("db 0  chunk:1 at " + gapEnds.plusSeconds(50))
                .contains("PRESENT    hash, as seen at " + gapEnds + " (hset), never expires")
                .contains("  text            first edition")
                .contains("  text_embedding  3 floats, norm 3.7417, [1.0000, 2.0000, 3.0000]");

        JsonNode later = answer("show", 0, "chunk:1", "--no-tail", "--at", "latest");
        assertThat(later.at("/value/fields/0/value").asText()).isEqualTo("second edition");
        assertThat(later.at("/value/fields/1/floats").asInt()).isEqualTo(3);
        assertThat(answer("show", 0, BINARY, "--no-tail", "--at", "latest")
                        .get("key_base64")
                        .asText())
                .isEqualTo("AP+e");
        assertThat(answer("show", 0, "lost in the gap", "--no-tail", "--at", "latest")
                        .get("absent_because")
                        .asText())
                .isEqualTo("never_seen");
    }

    @Test
    void showNeedsAKeyThatCanBeRead() {
        assertThat(run("show", "hex:0g", "--at", "latest")).isEqualTo(2);

        assertThat(printed()).contains("neither hex nor Base64").doesNotContain("0g");
    }

    @Test
    void historyTellsWhatVanishedInAGap() throws IOException {
        assertThat(run("history", "lost in the gap", "--no-tail"))
                .as(this::printed)
                .isZero();

        assertThat(text())
                .contains(began + "         string (hset)")
                .contains(gapEnds + "         not found when every key");
        JsonNode entries = answer("history", 0, "chunk:1", "--no-tail").get("entries");
        assertThat(entries).hasSize(3);
        assertThat(entries.get(2).get("kind").asText()).isEqualTo("written");
    }

    @Test
    void diffCountsAndNamesOnlyWhenAsked() throws IOException {
        String from = gapBegins.minusSeconds(1).toString();

        assertThat(run("diff", "--no-tail", "--from", from, "--to", "latest"))
                .as(this::printed)
                .isZero();
        assertThat(text())
                .contains("added        2 keys")
                .contains("removed      1 keys")
                .doesNotContain("chunk:");

        nothingPrinted();
        assertThat(run("diff", "--no-tail", "--from", from, "--to", "latest", "--list", "5"))
                .isZero();
        assertThat(text())
                .contains("changed      db 0  chunk:1")
                .contains("added        db 0  " + BINARY)
                .contains("removed      db 0  lost in the gap");
        assertThat(answer("diff", 0, "--no-tail", "--from", from, "--to", "latest", "--list", "5")
                        .at("/changes/added/keys")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void verifyEndsWithSixAndNamesKeysOnlyWhenAsked() throws IOException {
        try (RedisServer live = RedisServer.start()) {
            String uri = live.uri().toString();
            assertThat(answer("restore", 0, "--no-tail", "--to", "latest", "--into", uri)
                            .get("proven")
                            .asBoolean())
                    .isTrue();
            assertThat(answer("verify", 0, uri, "--no-tail", "--at", "latest")
                            .get("keys_same")
                            .asInt())
                    .isEqualTo(3);

            nothingPrinted();
            assertThat(run(
                            "verify",
                            uri,
                            "--no-tail",
                            "--at",
                            gapEnds.plusSeconds(50).toString()))
                    .as(this::printed)
                    .isEqualTo(6);
            assertThat(text()).contains("DIFFERENT   1 of 2 keys are the same").contains("1 keys have another value");
            assertThat(printed()).doesNotContain("chunk:1");

            JsonNode listed = answer(
                    "verify",
                    6,
                    uri,
                    "--no-tail",
                    "--list",
                    "1",
                    "--at",
                    gapEnds.plusSeconds(50).toString());
            assertThat(listed.at("/differences/different/listed/0/key").asText())
                    .isEqualTo("chunk:1");
            assertThat(listed.at("/differences/extra/keys").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aDrillRestoresVerifiesPublishesAndShowsInTheStatus() throws IOException {
        String config = config("drilled", "restorer: {rpo-target: 1h}");

        JsonNode report = answer("drill", 0, "--no-tail", "--at", "latest", "--config", config);

        assertThat(report.get("passed").asBoolean()).isTrue();
        assertThat(report.get("rto_seconds").asDouble()).isPositive();
        assertThat(report.get("searches_left_out").asText()).contains("could not be searched");
        nothingPrinted();
        assertThat(run("status", "--no-tail", "--config", config))
                .as(this::printed)
                .isZero();
        assertThat(text()).containsPattern("last drill \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\dZ PASS, RTO \\d");
        assertThat(answer("status", 0, "--no-tail", "--config", config)
                        .at("/last_drill/passed")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aDrillSearchesTheSourceTooAndAllowsForWhatChangedThereSince() throws IOException {
        try (RedisServer source = RedisServer.start()) {
            String uri = source.uri().toString();
            String config = config("searched", "");
            answer("restore", 0, "--no-tail", "--config", config, "--to", "latest", "--into", uri);
            Path file = Path.of(config);
            Files.writeString(file, Files.readString(file).replace("redis://127.0.0.1:1", uri));

            JsonNode same = answer("drill", 0, "--no-tail", "--config", config, "--at", "latest");
            assertThat(same.get("searches")).hasSize(2);
            assertThat(same.at("/searches/0/common").asInt()).isEqualTo(2);
            assertThat(same.at("/searches/0/changed_since").asInt()).isZero();

            RedisClient client = RedisClient.create(uri);
            client.connect().sync().del("chunk:2");
            client.shutdown();
            JsonNode later = answer("drill", 0, "--no-tail", "--config", config, "--at", "latest");
            assertThat(later.at("/searches/0/agrees").asBoolean()).isTrue();
            assertThat(later.at("/searches/0/changed_since").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aDrillOfATimeThatCannotBeRestoredFailsAndTheStatusSaysSo() throws IOException {
        String config = config("failing", "restorer: {rpo-target: 1h}");

        JsonNode report = answer(
                "drill",
                3,
                "--no-tail",
                "--config",
                config,
                "--at",
                gapBegins.plusSeconds(10).toString());

        assertThat(report.get("failure").asText()).contains("cannot be restored");
        assertThat(answer("status", 8, "--no-tail", "--config", config)
                        .at("/problems/0/kind")
                        .asText())
                .isEqualTo("drill_failed");
    }

    @Test
    void theFirstOfManyDrillsWaitsForSomethingToRestore() throws Exception {
        String config = Files.copy(directory.resolve("tidemark.yml"), directory.resolve("new.yml"))
                .toString();
        Files.writeString(Path.of(config), Files.readString(Path.of(config)).replace(NAME, "new"));
        Thread drills = new Thread(() -> run("drill", "--every", "1s", "--no-tail", "--config", config));
        drills.start();
        try {
            Await.until(GONE_MAX, () -> printed().contains("the first drill waits"), "a drill to wait");
            archive("new");

            Await.until(Duration.ofSeconds(30), () -> printed().contains("published "), "the first drill");
            assertThat(text()).contains("PASS").doesNotContain("FAIL");
        } finally {
            drills.interrupt();
            drills.join();
        }
    }

    @Test
    void aBucketWithoutRightsIsNamedWithTheWayOut() {
        try (S3Faults.Injection refused = s3.faults().failRatio(1, 403, S3Requests.all())) {
            for (String[] line : new String[][] {
                {"points", "--no-tail"},
                {"restore", "--no-tail", "--to", "latest", "--into", "redis://127.0.0.1:1"},
                {"drill", "--no-tail"},
                {"verify", "redis://127.0.0.1:1", "--no-tail", "--at", "latest"},
                {"show", "chunk:1", "--no-tail", "--at", "latest"}
            }) {
                nothingPrinted();
                assertThat(run(line)).as(this::printed).isEqualTo(ExitCode.UNREACHABLE.number());
                assertThat(printed()).contains("s3://" + s3.bucket(), "Check s3.access-key-id");
            }
            assertThat(refused.hits()).isPositive();
        }
    }

    @Test
    void aTargetsWrongPasswordIsNamedWithTheWayOut() {
        try (RedisServer target = RedisServer.start()) {
            target.aclUser("default", "hunter2-correct-horse", "~*", "&*", "+@all");
            String uri = target.uri().toString();
            for (String[] line : new String[][] {
                {"restore", "--no-tail", "--to", "latest", "--into", uri},
                {"verify", uri, "--no-tail", "--at", "latest"}
            }) {
                nothingPrinted();
                assertThat(run(line)).as(this::printed).isEqualTo(ExitCode.UNREACHABLE.number());
                assertThat(printed()).contains("127.0.0.1:" + target.port(), "--target-password-file");
            }
        }
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheWayOut() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(run("restore", "--no-tail", "--to", "latest", "--serve", port))
                    .as(this::printed)
                    .isEqualTo(ExitCode.USAGE.number());

            assertThat(printed()).contains("127.0.0.1:" + port, "in use", "another port with --serve");
        }
    }

    @Test
    void aFullDiskIsNamedWithTheWayOut() {
        try (SmallDisk full = FullDirectory.in(directory)) {
            Path file = full.path().resolve("dump.rdb");

            assertThat(run("restore", "--no-tail", "--to", "latest", "--rdb", file.toString()))
                    .as(this::printed)
                    .isEqualTo(ExitCode.TARGET_REFUSED.number());

            assertThat(printed()).contains(file + " cannot be written", "No space left on device", "make room");
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void theOtherAnswersFitTheirSchemasToo() throws IOException {
        answer("points", 0, "--no-tail");
        answer("plan", 0, "--no-tail", "--to", "latest");
        answer("doctor", 8);
    }

    @Test
    void aRestoreThatIsToldToStopSaysWhatTheTargetHolds() throws Exception {
        try (RedisServer target = RedisServer.start()) {
            target.pause();
            ProcessBuilder builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            "restore",
                            "--config",
                            directory.resolve("tidemark.yml").toString(),
                            "--no-tail",
                            "--to",
                            "latest",
                            "--into",
                            target.uri().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("restore.log").toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("TIDEMARK_"));
            Process restore = builder.start();
            try {
                Await.until(
                        Duration.ofSeconds(60),
                        () -> printedTo("restore.log").contains("takes      about") || !restore.isAlive(),
                        "the restore to have its plan");
                assertThat(printedTo("restore.log")).contains("takes      about");
                restore.destroy();

                assertThat(restore.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(printedTo("restore.log"))
                        .contains(
                                "stopped before the first write; redis://127.0.0.1:" + target.port() + " is as it was");
            } finally {
                restore.destroyForcibly();
                target.resume();
            }
        }
    }

    private String printedTo(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Its JSON, which must fit the published schema. */
    private JsonNode answer(String command, int code, String... arguments) throws IOException {
        nothingPrinted();
        String[] line = new String[arguments.length + 3];
        line[0] = command;
        System.arraycopy(arguments, 0, line, 1, arguments.length);
        line[line.length - 2] = "-o";
        line[line.length - 1] = "json";
        assertThat(run(line)).as(this::printed).isEqualTo(code);
        assertThat(AnswerSchemas.problems(command, text())).as(text()).isEmpty();
        return AnswerSchemas.parse(text());
    }

    private int run(String... arguments) {
        Invocation invocation = new Invocation(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                directory,
                Clock.system(ZoneOffset.UTC));
        return TidemarkCommand.run(invocation, arguments);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String printed() {
        return text() + err.toString(StandardCharsets.UTF_8);
    }

    private static Value text(String text) {
        return new Value.Text(Bytes.utf8(text));
    }

    private static Value chunk(String text, int first) {
        // Floats of one significant byte would pass for text; these do not.
        ByteBuffer floats = ByteBuffer.allocate(3 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        floats.putFloat(first).putFloat(first + 1).putFloat(first + 2);
        return new Value.Hash(List.of(
                new Field(Bytes.utf8("text"), Bytes.utf8(text)),
                new Field(Bytes.utf8("text_embedding"), Bytes.wrap(floats.array()))));
    }

    private static LogRow.Change change(Bytes key, Instant at, Value value) {
        return new LogRow.Change(0, micros(at), micros(at) - 1, 0, key, value, OptionalLong.empty(), "hset");
    }

    private static long micros(Instant instant) {
        return RedisTime.micros(instant);
    }
}
