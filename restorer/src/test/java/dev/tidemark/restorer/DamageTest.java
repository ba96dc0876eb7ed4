package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.plan.Hole.Kind;
import dev.tidemark.restorer.plan.TargetLimits;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is broken on S3, a restore is refused before its target is touched; it is never wrong and never short. */
class DamageTest {
    private static final int SHARDS = 2;
    private static final String NAME = "prod-rag";

    private S3Endpoint s3;
    private RedisServer target;
    private Settings settings;
    private GeneratedSource source;
    private List<Segment> segments;

    @BeforeEach
    void backUp() {
        s3 = S3Endpoint.start();
        target = RedisServer.start();
        source = new GeneratedSource(7, SHARDS, 60, 600, List.of());
        settings = RestoreTest.settings(s3, NAME, SHARDS);
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            segments = source.archive(archive, 90);
        }
    }

    @AfterEach
    void stop() {
        target.close();
        s3.close();
    }

    @Test
    void aDeletedObjectIsAHoleThatPointsAndPlanName() throws IOException {
        Segment lost = segments.get(1);
        Files.delete(file(lost));
        Instant within = RedisTime.instant(lost.lastMicros());

        try (Restorer restorer = Restorer.open(settings)) {
            Points points = restorer.points(false);

            assertThat(points.holes()).singleElement().satisfies(hole -> {
                assertThat(hole.kind()).isEqualTo(Kind.BETWEEN_SEGMENTS);
                assertThat(hole.shard()).isZero();
                assertThat(hole.from()).isEqualTo(lost.key().frontier());
                assertThat(hole.to()).isEqualTo(lost.end());
            });
            assertThat(points.latest())
                    .hasValueSatisfying(latest -> assertThat(latest).isBefore(within));
            assertThatThrownBy(() -> restorer.plan(Optional.of(within), false))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                    .hasMessageContaining(
                            "shard 0, offsets [%d, %d)".formatted(lost.key().frontier(), lost.end()))
                    .hasMessageContaining("before it " + points.latest().orElseThrow());
            RestorePlan latest = restorer.plan(Optional.empty(), false);
            assertThat(latest.to()).isEqualTo(points.latest().orElseThrow());
            assertThat(latest.holes()).isNotEmpty();
        }
    }

    @Test
    void theLossOfTheNewestObjectIsNamedToo() throws IOException {
        Segment lost = segments.get(segments.size() - 1);
        Files.delete(file(lost));

        try (Restorer restorer = Restorer.open(settings)) {
            assertThat(restorer.points(false).holes()).singleElement().satisfies(hole -> assertThat(hole.kind())
                    .isEqualTo(Kind.AFTER_LAST_SEGMENT));
            assertThatThrownBy(() -> restorer.plan(Optional.of(source.last()), false))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.ARCHIVE_DAMAGED));
        }
    }

    @Test
    void anObjectDeletedAfterThePlanIsFoundBeforeTheFirstWrite() throws IOException {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            Files.delete(file(segments.get(2)));

            requireRefusedUntouched(restorer, plan, "is gone since the restore was planned");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5})
    void aFlippedBitIsFoundBeforeTheFirstWrite(int number) throws IOException {
        Path file = file(segments.get(number));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        overwrite(file, bytes);

        requireRefusedByPlanOrBeforeTheFirstWrite("SHA-256");
    }

    @Test
    void aTruncatedObjectIsFoundBeforeTheFirstWrite() throws IOException {
        Path file = file(segments.get(0));
        byte[] bytes = Files.readAllBytes(file);
        overwrite(file, Arrays.copyOf(bytes, bytes.length - 100));

        requireRefusedByPlanOrBeforeTheFirstWrite("is damaged");
    }

    @Test
    void anObjectSwappedWithItsSiblingIsFoundBeforeTheFirstWrite() throws IOException {
        Path one = file(segments.get(0));
        Path other = file(segments.get(1));
        Path between = one.resolveSibling("between");
        Files.move(one, between);
        Files.move(other, one);
        Files.move(between, other);

        // What an object says of itself went with it, so it speaks of other offsets than its key.
        requireRefusedByPlanOrBeforeTheFirstWrite("is damaged");
    }

    @Test
    void damageThatShowsInTheMiddleOfALargeRestoreEndsItAndSaysWhatTheTargetHolds() throws IOException {
        Path oldest = file(segments.get(0));
        try (Restorer restorer = Restorer.open(settings);
                Archive archive = Archive.open(settings.s3(), NAME)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            byte[] bytes = Files.readAllBytes(oldest);
            bytes[bytes.length / 2] ^= 1;
            // What was found whole is fetched again to be written, since nothing may be kept on this machine.
            RestoreListener damager = progress -> {
                if (progress.phase() == RestoreProgress.Phase.WRITING) {
                    overwriteWhileItIsRead(oldest, bytes);
                }
            };
            RestoreRun run = new RestoreRun(
                    settings, archive, VerifiedSegments.whole(archive, 0), plan, RestoreOptions.careful(), damager);
            Restoration restoration = new Restoration(run, RestoreTarget.at(target.uri()));

            assertThatThrownBy(restoration::run)
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                    .hasMessageContaining("SHA-256")
                    .hasMessageContaining("holds an unfinished restore");
        }
    }

    @Test
    void aRestoreTooLargeToBeKeptHereIsReadToItsLastByteBeforeTheFirstWrite() throws Exception {
        Path oldest = file(segments.get(0));
        try (Restorer restorer = Restorer.open(settings);
                Archive archive = Archive.open(settings.s3(), NAME)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            byte[] bytes = Files.readAllBytes(oldest);
            bytes[bytes.length / 2] ^= 1;
            overwrite(oldest, bytes);
            try (RestoreRun run = new RestoreRun(
                    settings,
                    archive,
                    VerifiedSegments.whole(archive, 0),
                    plan,
                    RestoreOptions.careful(),
                    RestoreListener.silent())) {

                // Of a server that takes everything nothing else has to be asked.
                assertThatThrownBy(() -> run.validate(TargetLimits.none(), "it"))
                        .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                                .isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                        .hasMessageContaining("SHA-256");
            }
        }
    }

    private void requireRefusedByPlanOrBeforeTheFirstWrite(String words) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan;
            try {
                plan = restorer.plan(Optional.empty(), false);
            } catch (TidemarkError refused) {
                assertThat(refused.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED);
                assertThat(refused).hasMessageContaining(words);
                return;
            }
            requireRefusedUntouched(restorer, plan, words);
        }
    }

    private void requireRefusedUntouched(Restorer restorer, RestorePlan plan, String words) {
        assertThatThrownBy(() -> restorer.restore(
                        plan, RestoreTarget.at(target.uri()), RestoreOptions.careful(), RestoreListener.silent()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining(words);
        try (RedisContent content = new RedisContent(target.uri())) {
            assertThat(content.read()).isEmpty();
        }
    }

    private Path file(Segment segment) {
        return s3.directory()
                .resolve(s3.bucket())
                .resolve(NAME)
                .resolve(segment.key().path());
    }

    /** In place: what the store keeps beside the bytes stays as it was. */
    /** By as many bytes, so that nobody finds it shorter meanwhile. */
    private static void overwriteWhileItIsRead(Path file, byte[] bytes) {
        write(file, bytes, StandardOpenOption.WRITE);
    }

    private static void overwrite(Path file, byte[] bytes) {
        write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    private static void write(Path file, byte[] bytes, StandardOpenOption... how) {
        try {
            Files.write(file, bytes, how);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
