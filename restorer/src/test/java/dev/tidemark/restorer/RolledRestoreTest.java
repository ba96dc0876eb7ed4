package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.MarkerKey;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From hours that are rolled up, whose segments may be gone, and from what follows them; and when any of it is damaged. */
@TestInstance(Lifecycle.PER_CLASS)
class RolledRestoreTest {
    private static final int SHARDS = 2;
    private static final String NAME = "prod-rag";

    private RestoreServers on;
    private Settings settings;
    private GeneratedSource source;
    private HourlyArchive written;
    private BrokenObjects objects;

    @BeforeAll
    void backUp() {
        on = new RestoreServers();
        source = new GeneratedSource(
                21, SHARDS, 60, 900, on.scratch.dumps(), Duration.ofHours(12), Duration.ofSeconds(60));
        settings = RestoreTest.settings(on.s3, NAME, SHARDS);
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            written = HourlyArchive.write(source, archive, 20, 2);
        }
        assertThat(written.markers()).hasSizeGreaterThan(3);
        objects = new BrokenObjects(on.s3, NAME);
    }

    @AfterEach
    void mend() {
        objects.mend();
        on.found.redis().flushall();
    }

    @AfterAll
    void stop() {
        on.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.2, 0.5, 0.93, 1})
    void theTargetHoldsWhatTheSourceHeldThoughTheSegmentsOfRolledHoursAreGone(double share) {
        pruneRolledSegments();
        Instant to = source.between(share);

        RestorePlan plan = plan(to);

        assertThat(plan.shards().stream()
                        .mapToInt(shard -> shard.plan().rollUps().size())
                        .sum())
                .isPositive();
        assertThat(plan.damage()).isEmpty();
        assertThat(plan.holes()).isEmpty();
        requireExact(to);
    }

    @Test
    void anHourIsReadOnceThoughItsSegmentsAreStillThere() {
        RestorePlan plan = plan(source.last());

        for (RestorePlan.PlannedShard shard : plan.shards()) {
            long reached = 0;
            for (ArchivedRange part : shard.plan().parts()) {
                assertThat(part.from()).isEqualTo(reached);
                reached = part.to();
            }
        }
        assertThat(plan.shards().stream()
                        .mapToInt(shard -> shard.plan().segments().size())
                        .sum())
                .isLessThan(written.segments().size());
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedRollUpFallsBackToItsSegments(Damage damage) {
        RollUp rollUp = written.rollUps().get(2);

        objects.damage(rollUp.path(), written.rollUps().get(4).path(), damage);

        requireExact(source.last());
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedRollUpWithoutSegmentsIsFoundBeforeTheFirstWrite(Damage damage) {
        pruneRolledSegments();
        RollUp rollUp = written.rollUps().get(2);

        objects.damage(rollUp.path(), written.rollUps().get(4).path(), damage);

        requireRefusedUntouched(source.last());
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedMarkerFallsBackToSegments(Damage damage) {
        for (int hour : List.of(0, 1, written.markers().size() - 1)) {
            objects.damage(marker(hour), marker(2), damage);

            requireExact(source.last());

            objects.mend();
            on.found.redis().flushall();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedMarkerWithoutSegmentsIsFoundBeforeTheFirstWrite(Damage damage) {
        pruneRolledSegments();

        objects.damage(marker(1), marker(2), damage);

        requireRefusedUntouched(source.last());
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedSegmentOfARolledHourIsNotMissed(Damage damage) {
        List<Segment> segments = written.segmentsOf(written.rollUps().get(2));

        objects.damage(segments.get(0).path(), segments.get(1).path(), damage);

        assertThat(plan(source.between(0.5)).damage()).isEmpty();
        requireExact(source.between(0.5));
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedSegmentThatIsNotRolledUpIsFoundBeforeTheFirstWrite(Damage damage) {
        List<Segment> last = written.segments().stream()
                .filter(segment -> segment.shard() == 0
                        && segment.hour()
                                        .compareTo(written.markers()
                                                .get(written.markers().size() - 1)
                                                .hour())
                                > 0)
                .toList();

        objects.damage(last.get(0).path(), last.get(1).path(), damage);

        requireRefusedUntouched(source.last());
        requireExact(source.between(0.4));
    }

    @Test
    void aRollUpThatIsLostAfterThePlanFallsBackToo() {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.of(source.last()), false);
            objects.damage(written.rollUps().get(1).path(), "", Damage.DELETED);

            RestoreReport report = restorer.restore(
                    plan, RestoreTarget.at(on.target.uri()), RestoreOptions.careful(), RestoreListener.silent());

            assertThat(report.limits()).anyMatch(each -> each.contains("segments were read in its place"));
        }
        assertThat(on.found.read()).isEqualTo(on.scratch.asRead(source.stateAt(source.last())));
    }

    private String marker(int number) {
        return new MarkerKey(written.markers().get(number).hour()).path();
    }

    private void pruneRolledSegments() {
        for (RollUp rollUp : written.rollUps()) {
            written.segmentsOf(rollUp).forEach(segment -> objects.damage(segment.path(), "", Damage.DELETED));
        }
    }

    private RestorePlan plan(Instant to) {
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.plan(Optional.of(to), false);
        }
    }

    private void requireExact(Instant to) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.of(to), false);
            RestoreReport report = restorer.restore(
                    plan,
                    RestoreTarget.at(on.target.uri()),
                    RestoreOptions.careful().replacing(),
                    RestoreListener.silent());
            assertThat(report.isProven()).isTrue();
        }
        assertThat(on.found.read()).isEqualTo(on.scratch.asRead(source.stateAt(to)));
    }

    private void requireRefusedUntouched(Instant to) {
        try (Restorer restorer = Restorer.open(settings)) {
            assertThatThrownBy(() -> restorer.restore(
                            restorer.plan(Optional.of(to), false),
                            RestoreTarget.at(on.target.uri()),
                            RestoreOptions.careful(),
                            RestoreListener.silent()))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.ARCHIVE_DAMAGED));
        }
        assertThat(on.found.read()).isEmpty();
    }
}
