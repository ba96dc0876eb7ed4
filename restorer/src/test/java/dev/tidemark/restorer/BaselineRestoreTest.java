package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.restorer.look.KeyAt;
import dev.tidemark.restorer.look.Problem;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.proof.ContentDigest;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Baseline.Node;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.RestorerSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From a snapshot that a real server wrote, and what was logged after it. */
@TestInstance(Lifecycle.PER_CLASS)
class BaselineRestoreTest {
    private static final int SHARDS = 3;
    private static final int ROWS_A_SEGMENT = 100;
    private static final String NAME = "prod-rag";
    private static final int LARGE_BYTES = 3 << 20;
    private static final Name LARGE_TEXT = new Name(0, Bytes.utf8("large:text"));
    private static final Name LARGE_LIST = new Name(3, Bytes.utf8("large:list"));

    private RedisServer scratch;
    private RedisServer target;
    private RedisContent scratchContent;
    private RedisContent found;
    private GeneratedSource source;
    private byte[] rdb;
    private Instant taken;

    private S3Endpoint s3;
    private Settings settings;
    private List<Segment> segments;
    private Baseline baseline;

    @BeforeAll
    void takeASnapshot() throws IOException {
        scratch = RedisServer.start();
        target = RedisServer.start();
        scratchContent = new RedisContent(scratch.uri());
        found = new RedisContent(target.uri());
        source = new GeneratedSource(45, SHARDS, 300, 2_000, scratchContent.dumps());
        scratchContent.redis().flushall();
        taken = source.between(0.5);
        archive();
        restore(scratch, taken);
        s3.close();
        // Nothing of the log tells of these.
        scratchContent.redis().set(LARGE_TEXT.key().array(), RedisContent.bytes("text ".repeat(LARGE_BYTES / 5)));
        scratchContent.redis().set(RedisContent.bytes("tidemark:canary:0"), new byte[] {1});
        scratchContent.redis().select(5);
        scratchContent.redis().set(RedisContent.bytes("of a database that is not captured"), new byte[] {1});
        scratchContent.redis().select(3);
        scratchContent.redis().rpush(LARGE_LIST.key().array(), new byte[LARGE_BYTES], new byte[] {1});
        scratchContent.redis().select(0);
        scratchContent.redis().functionLoad("#!lua name=ours\nredis.register_function('one', function() return 1 end)");
        scratchContent.redis().save();
        rdb = Files.readAllBytes(scratch.directory().resolve("dump.rdb"));
    }

    @AfterEach
    void closeTheStore() {
        s3.close();
    }

    @BeforeEach
    void archive() {
        s3 = S3Endpoint.start();
        settings = RestoreTest.settings(s3, NAME, SHARDS)
                .with(new RestorerSettings(100, 1 << 20, 2, Duration.ofMinutes(5)));
        found.redis().flushall();
        found.redis().functionFlush(io.lettuce.core.FlushMode.SYNC);
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            segments = source.archive(archive, ROWS_A_SEGMENT);
            baseline = rdb == null ? null : SavedBaseline.publish(archive, rdb, taken, 300);
        }
    }

    @AfterAll
    void stop() {
        scratchContent.close();
        found.close();
        scratch.close();
        target.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.51, 0.75, 1})
    void theTargetHoldsWhatTheSourceHeldThoughTheLogBeforeIsGone(double share) throws IOException {
        deleteWhatLiesBehindTheBaseline();
        Instant to = source.between(share);

        RestoreReport report = restore(target, to);

        assertThat(report.isProven()).isTrue();
        Map<Name, Object> expected = scratchContent.asRead(source.stateAt(to));
        Map<Name, Object> read = found.read();
        assertThat(((List<?>) read.remove(LARGE_TEXT)).get(1)).isEqualTo(OptionalLong.empty());
        assertThat(read.remove(LARGE_LIST)).isNotNull();
        assertThat(read).isEqualTo(expected);
        assertThat(found.redis().strlen(LARGE_TEXT.key().array())).isEqualTo(LARGE_BYTES / 5 * 5);
        assertThat(found.redis().functionList()).hasSize(1);
    }

    @Test
    void aKeyIsShownAsItWasThoughTheLogBeforeIsGone() throws IOException {
        deleteWhatLiesBehindTheBaseline();
        Instant at = source.between(0.75);
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            int inBaseline = 0;
            for (Map.Entry<Name, State> each :
                    source.stateAt(at).entrySet().stream().limit(15).toList()) {
                KeyAt shown = show(lookout, at, each.getKey());

                assertThat(shown.isPresent()).isTrue();
                Change change = shown.change().orElseThrow();
                assertThat(ContentDigest.of(change.value()))
                        .isEqualTo(ContentDigest.of(each.getValue().value()));
                assertThat(change.expireAtMillis()).isEqualTo(each.getValue().expireAtMillis());
                inBaseline += change.timeMicros() == RedisTime.micros(taken) ? 1 : 0;
            }
            assertThat(inBaseline).isBetween(1, 14);
            assertThat(show(lookout, at, LARGE_TEXT).change().orElseThrow().value())
                    .isInstanceOfSatisfying(
                            Blob.class, large -> assertThat(large.length()).isEqualTo(LARGE_BYTES / 5 * 5));
            assertThat(show(lookout, at, LARGE_LIST).isPresent()).isTrue();
            assertThat(show(lookout, at, new Name(0, LARGE_LIST.key())).change())
                    .isEmpty();
            assertThat(show(lookout, at, new Name(0, Bytes.utf8("tidemark:canary:0")))
                            .change())
                    .isEmpty();
            assertThatThrownBy(() -> lookout.diff(Optional.of(at), Optional.empty(), false, Bytes.empty(), 0))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.NOT_RESTORABLE))
                    .hasMessageContaining("tidemark show KEY --at " + RedisTime.instant(RedisTime.micros(at)));

            flipAByteOfTheSnapshot();

            assertThatThrownBy(() -> show(lookout, at, new Name(0, Bytes.utf8("nobody"))))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.ARCHIVE_DAMAGED));
        }
    }

    private static KeyAt show(Lookout lookout, Instant at, Name name) {
        return lookout.show(new KeyName(name.db(), name.key()), Optional.of(at), false);
    }

    @Test
    void aTimeBeforeTheBaselineNeedsTheLog() throws IOException {
        Instant before = source.between(0.4);
        assertThat(plan(before).baseline()).isEmpty();

        deleteWhatLiesBehindTheBaseline();

        assertThatThrownBy(() -> plan(before)).isInstanceOf(TidemarkError.class);
        assertThat(plan(taken).baseline()).contains(baseline);
    }

    @Test
    void aDamagedBaselineIsDoneWithout() throws IOException {
        flipAByteOfTheSnapshot();
        Instant to = source.between(0.8);
        assertThat(plan(to).baseline()).isPresent();

        RestoreReport report = restore(target, to);

        assertThat(report.isProven()).isTrue();
        assertThat(report.limits()).anyMatch(each -> each.contains("planned anew without it"));
        assertThat(found.read()).isEqualTo(scratchContent.asRead(source.stateAt(to)));
    }

    @Test
    void aDamagedBaselineThatIsTheOnlyWayIsFoundBeforeTheFirstWrite() throws IOException {
        deleteWhatLiesBehindTheBaseline();
        flipAByteOfTheSnapshot();

        assertThatThrownBy(() -> restore(target, source.between(0.8)))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining("of a baseline, is damaged");
        assertThat(found.read()).isEmpty();
    }

    @Test
    void aTargetThatCannotTakeAValueOfTheBaselineIsRefusedBeforeTheFirstWrite() {
        String limit = found.redis().configGet("proto-max-bulk-len").get("proto-max-bulk-len");
        found.redis().configSet("proto-max-bulk-len", "1048576");
        try {
            assertThatThrownBy(() -> restore(target, source.between(0.8)))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.TARGET_REFUSED))
                    .hasMessageContaining("takes values of 1048576 bytes at most");
            assertThat(found.read()).isEmpty();
        } finally {
            found.redis().configSet("proto-max-bulk-len", limit);
        }
    }

    /** Its values have to be measured for that, the large ones too, before they are read once more. */
    @Test
    void aTargetThatJustTakesTheValuesOfTheBaselineIsFilled() {
        String limit = found.redis().configGet("proto-max-bulk-len").get("proto-max-bulk-len");
        found.redis().configSet("proto-max-bulk-len", Integer.toString(LARGE_BYTES + 1_000));
        try {
            assertThat(restore(target, source.between(0.8)).isProven()).isTrue();
        } finally {
            found.redis().configSet("proto-max-bulk-len", limit);
        }
    }

    /** Whoever captures a database later has a snapshot of it, and nothing that happened in it since. */
    @Test
    void aSnapshotOfATimeWhenOtherKeysWereCapturedIsNotPlannedWith() throws IOException {
        SourceSettings more = new SourceSettings(NAME, SHARDS, List.of(""), List.of(0, 3, 5));
        Files.delete(file(baseline.manifest().path()));
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            archive.baselines().publish(ofWatch(new SourceKeys(settings.source()).newWatch()));
        }

        RestorePlan with = plan(source.last());
        assertThat(with.baseline()).as(with.unusableBaselines().toString()).isPresent();
        settings = settings.with(more);
        RestorePlan without = plan(source.last());

        assertThat(without.baseline()).isEmpty();
        assertThat(without.unusableBaselines())
                .singleElement()
                .asString()
                .contains("other prefixes or databases were captured when it was taken");
    }

    /** The same, dated by another watch. */
    private Baseline ofWatch(String watch) {
        Node node = baseline.nodes().get(0);
        Node named = new Node(
                node.name(),
                node.runId(),
                node.replId(),
                watch,
                node.n(),
                node.slots(),
                node.beginMicros(),
                node.forkMicros(),
                node.rdbVersion(),
                node.redisVersion(),
                node.keys(),
                node.snapshot());
        return new Baseline(baseline.manifest(), baseline.source(), baseline.mode(), List.of(named));
    }

    @Test
    void aMissingSnapshotOrManifestIsNotPlannedWith() throws IOException {
        Path snapshot = file(baseline.nodes().get(0).snapshot().key().path());
        Files.delete(snapshot);

        RestorePlan without = plan(source.last());

        assertThat(without.baseline()).isEmpty();
        assertThat(without.unusableBaselines()).singleElement().asString().contains("missing");
        Path manifest = file(baseline.manifest().path());
        Files.write(manifest, new byte[] {'{'}, StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(plan(source.last()).unusableBaselines())
                .singleElement()
                .asString()
                .contains("damaged");
    }

    @Test
    void statusIsDegradedWhenABaselineWasMissed() throws IOException {
        assertThat(stale(Duration.ofHours(1), taken.plus(Duration.ofHours(2)))).isEmpty();
        assertThat(stale(Duration.ofHours(1), taken.plus(Duration.ofHours(2)).plusMillis(1)))
                .contains("the newest whole baseline is of " + RedisTime.instant(RedisTime.micros(taken)));
        assertThat(stale(Duration.ZERO, taken.plus(Duration.ofDays(9)))).isEmpty();

        Files.delete(file(baseline.nodes().get(0).snapshot().key().path()));

        assertThat(stale(Duration.ofHours(1), source.first().plus(Duration.ofHours(2))))
                .isEmpty();
        assertThat(stale(Duration.ofHours(1), taken.plus(Duration.ofHours(2)))).contains("there is no whole baseline");
    }

    private String stale(Duration interval, Instant now) {
        Settings wanted = settings.with(CompactorSettings.defaults().withBaselines(interval, 1 << 20));
        try (Lookout lookout = Lookout.open(wanted, Clock.fixed(now, ZoneOffset.UTC))) {
            Status status = lookout.status(false);
            List<String> told = status.problems().stream()
                    .filter(problem -> problem.kind() == Problem.Kind.BASELINE_STALE)
                    .map(Problem::text)
                    .toList();
            assertThat(told.isEmpty() || status.exitCode() == ExitCode.DEGRADED).isTrue();
            return String.join("; ", told);
        }
    }

    private RestorePlan plan(Instant to) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.plan(Optional.of(to), false);
        }
    }

    private RestoreReport restore(RedisServer into, Instant to) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.of(to), false);
            return restorer.restore(
                    plan, RestoreTarget.at(into.uri()), RestoreOptions.careful(), RestoreListener.silent());
        }
    }

    /** All but the last of each shard: it shows where what came after begins. */
    private void deleteWhatLiesBehindTheBaseline() throws IOException {
        long micros = RedisTime.micros(taken);
        for (int shard = 0; shard < SHARDS; shard++) {
            int number = shard;
            List<Segment> old = segments.stream()
                    .filter(each -> each.key().shard() == number && each.lastMicros() <= micros)
                    .toList();
            assertThat(old).hasSizeGreaterThan(1);
            for (Segment segment : old.subList(0, old.size() - 1)) {
                Files.delete(file(segment.key().path()));
            }
        }
    }

    private void flipAByteOfTheSnapshot() throws IOException {
        Path file = file(baseline.nodes().get(0).snapshot().key().path());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    }

    private Path file(String path) {
        return s3.directory().resolve(s3.bucket()).resolve(NAME).resolve(path);
    }
}
