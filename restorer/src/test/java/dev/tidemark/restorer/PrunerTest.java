package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.Creation;
import dev.tidemark.archive.PartsUpload;
import dev.tidemark.restorer.plan.ShardPlan;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.settings.RetentionSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** On a real store, three weeks of an archive of which some days are kept; then into a real Redis. */
@TestInstance(Lifecycle.PER_CLASS)
class PrunerTest {
    private static final String NAME = "prod-rag";
    private static final int DAYS = 20;
    private static final int KEPT_DAYS = 4;
    private static final int RUNS_MAX = 40;
    private static final Duration DAY = Duration.ofDays(1);

    private RedisServer target;
    private RedisContent found;
    private S3Endpoint s3;
    private Settings settings;
    private LongSource source;
    private Path template;

    @BeforeAll
    void backUp(@TempDir Path temporary) throws IOException {
        template = temporary.resolve("template");
        target = RedisServer.start();
        found = new RedisContent(target.uri());
        try (S3Endpoint first = open(template)) {
            settings = settings(first);
            try (Archive archive = Archive.open(settings.s3(), NAME)) {
                source = new LongSource(archive, DAYS);
                source.explainADoubt(source.day(2));
                source.explainADoubt(source.day(18));
                for (int day : List.of(3, 14, 17)) {
                    publish(archive, source.day(day));
                }
            }
        }
    }

    @AfterAll
    void stopTheTarget() {
        found.close();
        target.close();
    }

    @BeforeEach
    void openACopy(@TempDir Path temporary) throws IOException {
        Path copy = temporary.resolve("copy");
        try (Stream<Path> files = Files.walk(template)) {
            for (Path file : files.toList()) {
                // What the store keeps beside the bytes are attributes of the file.
                Files.copy(
                        file, copy.resolve(template.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        s3 = open(copy);
        settings = settings(s3);
    }

    private static S3Endpoint open(Path directory) {
        return S3Endpoint.start(S3Endpoint.Options.defaults().withDirectory(directory));
    }

    private static Settings settings(S3Endpoint s3) {
        return RestoreTest.settings(s3, NAME, LongSource.SHARDS)
                .with(new RetentionSettings(Duration.ofDays(KEPT_DAYS), 0));
    }

    @AfterEach
    void stopTheStore() {
        s3.close();
    }

    @Test
    void aPlanTellsAndChangesNothing() {
        Map<String, Long> before = objects();

        PruneReport report = pruner(Duration.ZERO, Pruner::plan);

        assertThat(report.keptFrom()).hasValueSatisfying(from -> assertThat(from)
                .isBetween(source.day(DAYS - KEPT_DAYS).minus(LongSource.STEP), source.day(DAYS - KEPT_DAYS + 1)));
        assertThat(report.next()).isPresent();
        assertThat(report.next().get().objects().objects())
                .containsKeys("segments", "changes", "rolled", "baselines", "blobs", "gaps");
        assertThat(report.isMarked()).isFalse();
        assertThat(objects()).isEqualTo(before);
    }

    @Test
    void nothingIsDeletedBeforeADayIsOverAndAllThatIsKeptIsRestoredAfter() {
        Map<Instant, List<ShardPlan>> before = plansOfKeptTimes();
        Map<String, Long> all = objects();

        PruneReport marked = pruner(Duration.ZERO, Pruner::prune);
        assertThat(marked.isMarked()).isTrue();
        assertThat(objects()).containsAllEntriesOf(all).hasSize(all.size() + 1);
        assertThat(pruner(DAY.minusSeconds(60), Pruner::prune).deleted()).isEmpty();
        assertThat(objects()).containsAllEntriesOf(all);
        requireNoHole();

        PruneReport pruned = pruner(DAY, Pruner::prune);

        assertThat(pruned.deleted()).hasValueSatisfying(deleted -> {
            assertThat(deleted.refused()).isZero();
            assertThat(deleted.hidden()).isZero();
            assertThat(deleted.objects()).isEqualTo(marked.next().orElseThrow().objects());
        });
        Map<String, Long> left = objects();
        assertThat(left.keySet()).noneMatch(path -> path.startsWith("baselines/dt=" + date(3)));
        assertThat(left.keySet())
                .filteredOn(path -> path.startsWith("baselines/"))
                .hasSize(6);
        assertThat(left.keySet()).filteredOn(path -> path.startsWith("blobs/")).hasSize(2);
        assertThat(left.keySet()).filteredOn(path -> path.startsWith("gaps/")).hasSize(1);
        assertThat(plansOfKeptTimes()).isEqualTo(before);
        requireNoHole();
        requireRestored(marked.keptFrom().orElseThrow());
        requireRestored(source.day(18));
        assertThatThrownBy(() -> plan(source.day(5)))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.NOT_RESTORABLE))
                .hasMessageContaining(
                        "gave up what is older than " + marked.keptFrom().orElseThrow());
        assertThat(pruner(DAY.multipliedBy(2), Pruner::prune).deleted()).isEmpty();
        assertThat(objects()).isEqualTo(left);
    }

    @Test
    void stoppedAnywhereInTheMiddleItIsDoneByTheNextAndAllThatIsKeptIsRestorableMeanwhile() {
        Map<Instant, List<ShardPlan>> before = plansOfKeptTimes();
        PruneReport marked = pruner(Duration.ZERO, Pruner::prune);
        int stopped = 0;
        try (Injection broken = s3.faults().failRatio(0.3, 503, S3Requests.of("DELETE"))) {
            while (stopped < RUNS_MAX && !isDone(settings.with(once(settings.s3())))) {
                stopped++;
                requireNoHole();
                assertThat(plan(source.day(DAYS - 1)).shards()).hasSize(LongSource.SHARDS);
            }
            assertThat(broken.hits()).isPositive();
        }
        assertThat(plansOfKeptTimes()).isEqualTo(before);

        pruner(DAY, Pruner::prune);

        assertThat(stopped).isPositive();
        assertThat(pruner(DAY, Pruner::plan).marked())
                .allSatisfy(mark -> assertThat(mark.objects().total()).isZero());
        requireRestored(marked.keptFrom().orElseThrow());
    }

    @Test
    void whatTheStoreDoesNotLetGoIsSaidAndTheRestIsDeleted() {
        PruneReport marked = pruner(Duration.ZERO, Pruner::prune);
        long segments = marked.next().orElseThrow().objects().objects().get("segments");

        try (Injection locked =
                s3.faults().failRatio(1, 403, S3Requests.of("DELETE").under(NAME + "/segments/"))) {
            PruneReport pruned = pruner(DAY, Pruner::prune);

            assertThat(locked.hits()).isEqualTo(segments);
            assertThat(pruned.deleted()).hasValueSatisfying(deleted -> {
                assertThat(deleted.refused()).isEqualTo(segments);
                assertThat(deleted.reasons()).allMatch(reason -> reason.matches("segments/.*: 403.*"));
                assertThat(deleted.objects().objects()).containsKeys("changes", "rolled", "blobs");
            });
        }
        assertThat(pruner(DAY, Pruner::prune).deleted())
                .hasValueSatisfying(
                        deleted -> assertThat(deleted.objects().objects()).isEqualTo(Map.of("segments", segments)));
    }

    @Test
    void whatIsNeededAfterAllIsNotDeleted() {
        Map<String, Long> before = objects();
        Hour hour = Hour.of(RedisTime.micros(source.day(18)));
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            Pruned tooMuch = new Pruned(
                    new PrunedKey(1),
                    RedisTime.micros(Instant.now()),
                    RedisTime.micros(source.day(15)),
                    hour,
                    1,
                    List.of(40L, 40L),
                    0,
                    source.day(10).atOffset(ZoneOffset.UTC).toLocalDate());
            assertThat(archive.pruning().mark(tooMuch)).isEqualTo(Creation.CREATED);
        }

        assertThatThrownBy(() -> pruner(DAY, Pruner::prune))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining("is needed to restore")
                .hasMessageContaining("nothing was deleted");

        assertThat(objects()).containsAllEntriesOf(before);
    }

    @Test
    void byTheNumberOfBaselinesAndWithoutARollUpNothingIsGivenUp() throws IOException {
        Settings byNumber = settings.with(new RetentionSettings(Duration.ZERO, 2));
        try (Pruner pruner = Pruner.open(byNumber, Clock.systemUTC())) {
            assertThat(pruner.plan().keptFrom())
                    .hasValueSatisfying(from -> assertThat(from).isEqualTo(source.day(14)));
        }
        try (Pruner pruner = Pruner.open(settings.with(new RetentionSettings(Duration.ZERO, 4)), Clock.systemUTC())) {
            assertThat(pruner.plan().keptFrom()).isEmpty();
            assertThat(pruner.plan().next()).isEmpty();
        }
        try (Stream<Path> markers = Files.walk(place().resolve("rolled"))) {
            for (Path marker : markers.filter(Files::isRegularFile).toList()) {
                Files.delete(marker);
            }
        }
        assertThat(pruner(Duration.ZERO, Pruner::prune).isMarked()).isFalse();
    }

    /** False when the store did not let it. */
    private static boolean isDone(Settings impatient) {
        try (Pruner pruner = Pruner.open(impatient, Clock.offset(Clock.systemUTC(), DAY))) {
            pruner.prune();
            return true;
        } catch (TidemarkError stopped) {
            assertThat(stopped.code()).isEqualTo(ExitCode.UNREACHABLE);
            return false;
        }
    }

    private static S3Settings once(S3Settings s3) {
        return new S3Settings(
                s3.bucket(),
                s3.root(),
                s3.endpoint(),
                s3.region(),
                s3.pathStyle(),
                s3.accessKeyId(),
                s3.secretAccessKey(),
                s3.secretAccessKeyFile(),
                s3.checksums(),
                s3.deadline(),
                1);
    }

    private interface Work {
        PruneReport of(Pruner pruner);
    }

    private PruneReport pruner(Duration later, Work work) {
        try (Pruner pruner = Pruner.open(settings, Clock.offset(Clock.systemUTC(), later))) {
            return work.of(pruner);
        }
    }

    private Map<Instant, List<ShardPlan>> plansOfKeptTimes() {
        Map<Instant, List<ShardPlan>> plans = new TreeMap<>();
        for (Instant at = source.day(DAYS - KEPT_DAYS).plusSeconds(60);
                at.isBefore(source.day(DAYS));
                at = at.plus(Duration.ofHours(11))) {
            try {
                plans.put(
                        at,
                        plan(at).shards().stream().map(shard -> shard.plan()).toList());
            } catch (TidemarkError notClaimed) {
                assertThat(notClaimed.code()).isEqualTo(ExitCode.NOT_RESTORABLE);
            }
        }
        assertThat(plans).hasSizeGreaterThan(KEPT_DAYS);
        return plans;
    }

    private RestorePlan plan(Instant to) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.plan(Optional.of(to), false);
        }
    }

    private void requireNoHole() {
        try (Restorer restorer = Restorer.open(settings)) {
            assertThat(restorer.points(false).holes()).isEmpty();
        }
    }

    private void requireRestored(Instant to) {
        restore(to);
        Map<String, String> read = new TreeMap<>();
        for (byte[] key : found.redis().keys("*")) {
            read.put(
                    new String(key, StandardCharsets.UTF_8),
                    new String(found.redis().get(key), StandardCharsets.UTF_8));
        }
        assertThat(read).isEqualTo(source.at(to));
    }

    private void restore(Instant to) {
        found.redis().flushall();
        try (Restorer restorer = Restorer.open(settings)) {
            assertThat(restorer.restore(
                                    restorer.plan(Optional.of(to), false),
                                    RestoreTarget.at(target.uri()),
                                    RestoreOptions.careful(),
                                    RestoreListener.silent())
                            .isProven())
                    .isTrue();
        }
    }

    /** As a server saves it that holds what was restored from the log; with the index of blocks that earlier builds left beside it. */
    private void publish(Archive archive, Instant taken) throws IOException {
        restore(taken);
        found.redis().save();
        byte[] rdb = Files.readAllBytes(target.directory().resolve("dump.rdb"));
        Baseline published = SavedBaseline.publish(archive, rdb, taken, 12);
        try (PartsUpload index = archive.baselines().upload(published.manifest().beside("n00.index"))) {
            index.write(rdb, 0, 10);
            index.complete();
        }
    }

    private String date(int day) {
        return source.day(day).atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }

    private Path place() {
        return s3.directory().resolve(s3.bucket()).resolve(NAME);
    }

    /** Every object and its size. */
    private Map<String, Long> objects() {
        Map<String, Long> objects = new TreeMap<>();
        try (Stream<Path> files = Files.walk(place())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                objects.put(place().relativize(file).toString(), Files.size(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return objects;
    }
}
