package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpFile;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import dev.tidemark.standalone.ChildCommand;
import dev.tidemark.standalone.endtoend.PermittedCalls;
import dev.tidemark.standalone.endtoend.S3CallLog;
import dev.tidemark.standalone.policy.Service;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As it is typed once a day: every day of this source begins with a resync, so that each can stand alone. */
class PruneCommandTest {
    private static final String NAME = "prod-rag";
    private static final int DAYS = 6;
    /** Days of which nothing is kept, by a clock of 25 hours ago. */
    private static final int GIVEN_UP_A_DAY_AGO = 2;

    private static final Duration SOON = Duration.ofSeconds(60);

    private final Instant began = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofDays(DAYS));

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);
    private final Terminal aDayAgo = terminal.at(Clock.offset(Clock.systemUTC(), Duration.ofHours(-25)));

    private S3Endpoint s3;
    private S3Settings settings;

    @BeforeEach
    void backUp() throws IOException {
        s3 = S3Endpoint.start();
        settings = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
        try (Archive archive = Archive.open(settings, NAME)) {
            for (int day = 0; day < DAYS; day++) {
                archiveDay(archive, day);
            }
        }
        configure(s3.uri());
    }

    private void configure(URI endpoint) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), """
                source: {name: %s, shards: 1}
                redis: {uri: "redis://127.0.0.1:1"}
                kafka: {bootstrap: "127.0.0.1:1"}
                s3: {bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key: "%s"}
                retention: {keep: 2d}
                """.formatted(
                        NAME, s3.bucket(), endpoint, s3.accessKey(), s3.secretKey()));
    }

    private void archiveDay(Archive archive, int day) throws IOException {
        long micros = RedisTime.micros(began.plus(Duration.ofDays(day)));
        long from = 4L * day;
        Base base = new Base(from + 1, from + 3, micros);
        ClaimInterval claim =
                new ClaimInterval(base, micros + Duration.ofHours(23).toNanos() / 1_000, from + 4, 1);
        List<ArchivedRow> rows = new ArrayList<>(List.of(
                new ArchivedRow(from, new LogRow.EpochClaimed(0, micros)),
                new ArchivedRow(from + 1, new LogRow.ResyncBegun(0, micros, "scheduled")),
                new ArchivedRow(
                        from + 2,
                        new LogRow.Change(
                                0,
                                micros,
                                micros,
                                0,
                                Bytes.utf8("day"),
                                new Value.Text(Bytes.utf8("" + day)),
                                OptionalLong.empty(),
                                "set")),
                new ArchivedRow(from + 3, new LogRow.ResyncEnded(0, micros, from + 1))));
        Hour hour = Hour.of(micros);
        SegmentWriter segment = new SegmentWriter(NAME, new SegmentKey(hour, 0, 1, from));
        rows.forEach(row -> segment.add(row.offset(), row.row()));
        archive.put(segment.finish(from + 4, 0, micros, List.of(claim)));
        rows.sort(RollUpWriter.ORDER);
        try (RollUpWriter writer =
                new RollUpWriter(NAME, new RollUpKey(hour, 0), 1, from, from + 4, ChunkFields.standard(), directory)) {
            rows.forEach(writer::add);
            try (RollUpFile file = writer.finish(0, micros, List.of(claim))) {
                archive.rolled()
                        .put(new HourMarker(
                                hour, micros, List.of(archive.rolled().put(file))));
            }
        }
        archive.writeProgress(new Progress(0, 1, from + 4, Optional.of(hour), Optional.of(claim)));
    }

    @AfterEach
    void stop() {
        s3.close();
    }

    @Test
    void withoutASettingItIsRefusedAndWithoutConfirmNothingIsChanged() throws IOException {
        Map<String, Long> before = objects();
        Path without = directory.resolve("keeps-all.yml");
        Files.writeString(
                without, Files.readString(directory.resolve("tidemark.yml")).replace("retention: {keep: 2d}", ""));

        assertThat(terminal.run("prune", "--confirm", "--config", without.toString()))
                .isEqualTo(2);
        assertThat(terminal.printed()).contains("retention.keep and retention.baselines are not set");
        assertThat(terminal.run("prune")).isZero();
        assertThat(terminal.printed())
                .contains("prod-rag   keeps 2 days: every restorable time from ")
                .contains("would mark what is older than ")
                .contains("nothing was changed")
                .contains("next:      tidemark prune --confirm");
        JsonNode plan = terminal.answer("prune", 0);
        assertThat(plan.at("/next/objects/segments").asInt()).isEqualTo(3);
        assertThat(plan.get("marked_now").asBoolean()).isFalse();

        assertThat(objects()).isEqualTo(before);
    }

    @Test
    void killedInTheMiddleOfDeletingItIsDoneByTheNextRunAndARestorePasses() throws Exception {
        assertThat(aDayAgo.answer("prune", 0, "--confirm").get("marked_now").asBoolean())
                .isTrue();
        Map<String, Long> marked = objects();
        try (Injection slow = s3.faults()
                .delay(Duration.ofSeconds(60), S3Requests.of("DELETE").under(NAME + "/changes/"))) {
            Process prune = process("prune", "--confirm");
            try {
                Await.until(SOON, () -> slow.hits() > 0 || !prune.isAlive(), "roll-ups are being deleted");
                assertThat(prune.isAlive())
                        .as(Files.readString(directory.resolve("prune.log")))
                        .isTrue();
            } finally {
                prune.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
            }
        }
        assertThat(objects()).as("markers are gone").hasSizeLessThan(marked.size());
        restoreOf("latest", "" + (DAYS - 1));

        JsonNode done = terminal.answer("prune", 0, "--confirm");

        assertThat(done.at("/deleted/objects/segments").asInt()).isEqualTo(GIVEN_UP_A_DAY_AGO);
        assertThat(done.at("/deleted/refused").asInt()).isZero();
        assertThat(objects().keySet())
                .filteredOn(path -> path.matches("(segments|changes|rolled)/.*"))
                .hasSize(3 * (DAYS - GIVEN_UP_A_DAY_AGO));
        restoreOf("latest", "" + (DAYS - 1));
        restoreOf(began.plus(Duration.ofDays(DAYS - 3)).plusSeconds(60).toString(), "" + (DAYS - 3));
        assertThat(terminal.run("points", "--no-tail")).as(terminal::printed).isZero();
        assertThat(terminal.run(
                        "plan", "--no-tail", "--to", began.plusSeconds(60).toString()))
                .isEqualTo(3);
        assertThat(terminal.printed()).contains("'tidemark prune' gave up what is older than ");
    }

    @Test
    void whatIsLockedIsNamedAndTheExitCodeSaysSo() throws IOException {
        assertThat(aDayAgo.run("prune", "--confirm")).isZero();
        try (Injection locked =
                s3.faults().failRatio(1, 403, S3Requests.of("DELETE").under(NAME + "/segments/"))) {
            assertThat(terminal.run("prune", "--confirm")).isEqualTo(7);

            assertThat(locked.hits()).isEqualTo(GIVEN_UP_A_DAY_AGO);
            assertThat(terminal.printed())
                    .contains("REFUSED    the store did not delete 2 objects: a missing right, or a lock on them")
                    .contains("segments/dt=");
            assertThat(terminal.answer("prune", 7, "--confirm")
                            .at("/deleted/refused")
                            .asInt())
                    .isEqualTo(GIVEN_UP_A_DAY_AGO);
        }
    }

    @Test
    void whatABucketWithVersionsOnlyHidesIsCountedAndSaid() throws IOException {
        assertThat(aDayAgo.run("prune", "--confirm")).isZero();
        try (Injection versioned =
                s3.faults().hideDeleted(S3Requests.of("DELETE").under(NAME + "/"))) {
            assertThat(terminal.run("prune", "--confirm")).isZero();

            assertThat(versioned.hits()).isPositive();
            assertThat(terminal.printed())
                    .contains("VERSIONS   the bucket keeps versions: %d of them are hidden and not gone"
                            .formatted(versioned.hits()))
                    .contains("locked ones only when their lock has passed");
        }
    }

    @Test
    void asksForNoRightThatItsPolicyDoesNotName() throws IOException {
        List<S3CallLog.Call> calls;
        try (FaultProxy way = FaultProxy.before("127.0.0.1", s3.port())) {
            configure(way.uri("http"));
            assertThat(terminal.run("prune")).as(terminal::printed).isZero();
            assertThat(aDayAgo.run("prune", "--confirm")).as(terminal::printed).isZero();
            assertThat(terminal.run("prune", "--confirm")).as(terminal::printed).isZero();
            calls = S3CallLog.to(way.port());
            assertThat(terminal.run("policy", "-o", "json"))
                    .as(terminal::printed)
                    .isZero();
        }

        assertThat(calls)
                .extracting(S3CallLog.Call::action)
                .contains("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject");
        PermittedCalls.requireAll(AnswerSchemas.parse(terminal.out()), Service.PRUNE, calls, s3.bucket());
    }

    private void restoreOf(String time, String day) {
        try (RedisServer target = RedisServer.start()) {
            assertThat(terminal.run(
                            "restore",
                            "--no-tail",
                            "--to",
                            time,
                            "--into",
                            target.uri().toString()))
                    .as(terminal::printed)
                    .isZero();
            try (RedisClient client = RedisClient.create(target.uri().toString())) {
                assertThat(client.connect().sync().get("day")).isEqualTo(day);
            }
        }
    }

    private Process process(String... arguments) throws IOException {
        List<String> line = ChildCommand.line(arguments);
        line.addAll(List.of("--config", directory.resolve("tidemark.yml").toString()));
        return ChildCommand.process(line, directory.resolve("prune.log")).start();
    }

    /** What the killed one asked to be deleted may go at any moment, as between here and there. */
    private Map<String, Long> objects() throws IOException {
        Path place = s3.directory().resolve(s3.bucket()).resolve(NAME);
        Map<String, Long> objects = new TreeMap<>();
        Files.walkFileTree(place, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                objects.put(place.relativize(file).toString(), attributes.size());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path gone, IOException meanwhile) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException changedMeanwhile) {
                return FileVisitResult.CONTINUE;
            }
        });
        return objects;
    }
}
