package dev.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.plan.PlanOutcome.Damaged;
import dev.tidemark.restorer.plan.PlanOutcome.NotRestorable;
import dev.tidemark.restorer.plan.PlanOutcome.Planned;
import dev.tidemark.restorer.retain.KeptWindow;
import dev.tidemark.restorer.retain.Retention;
import dev.tidemark.restorer.retain.Retention.Kept;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.settings.RetentionSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

/** What is given up was needed by no kept time: for every microsecond the planner says the same before and after. */
class RetentionTest {
    private static final int LAST_MICRO = 200;
    /** Of a generated archive, so that it spans several hours. */
    private static final int MICROS_AN_HOUR = 12;

    private static final long HOUR_MICROS = Duration.ofHours(1).toNanos() / 1_000;
    private static final long DAY_MICROS = 24 * HOUR_MICROS;

    @Property(tries = 20_000)
    void everyKeptTimeIsPlannedAsBefore(@ForAll long seed) {
        Random random = new Random(seed);
        GeneratedArchives archives = new GeneratedArchives(seed);
        List<ShardArchive> source = archives.source().stream()
                .map(shard -> inHours(shard.withoutTail()))
                .toList();
        List<Baseline> baselines = archives.baselines();
        long from = random.nextInt(LAST_MICRO);
        Hour rolledUp = hour(random.nextInt(LAST_MICRO));
        Planner before = new Planner(source, baselines);

        Optional<Kept> kept = new Retention(source, baselines, from).least(rolledUp);

        Statistics.label("gives up").collect(kept.isPresent());
        if (kept.isEmpty()) {
            return;
        }
        List<ShardArchive> rest = source.stream()
                .map(shard -> shard.since(kept.get().hour(), from))
                .toList();
        List<Baseline> restOfBaselines = baselines.stream()
                .filter(each -> each.manifest().startedMicros() >= kept.get().baselinesFromMicros())
                .toList();
        Planner after = new Planner(rest, restOfBaselines);
        for (int micros = 0; micros <= LAST_MICRO; micros++) {
            PlanOutcome outcome = after.upTo(micros);
            if (micros >= from && before.upTo(micros) instanceof Planned planned) {
                assertThat(outcome).as("time %d of %s", micros, source).isEqualTo(planned);
            } else if (micros < from) {
                assertThat(outcome).as("given up is not damaged").isNotInstanceOf(Damaged.class);
            } else {
                assertThat(outcome).isNotInstanceOf(Planned.class);
            }
            if (micros >= from && SlowModel.restorable(source, baselines, micros)) {
                assertThat(SlowModel.restorable(rest, restOfBaselines, micros)).isTrue();
            }
        }
        requireUnbroken(source, rest, kept.get(), rolledUp);
    }

    private static void requireUnbroken(List<ShardArchive> source, List<ShardArchive> rest, Kept kept, Hour rolledUp) {
        assertThat(kept.hour()).isLessThanOrEqualTo(rolledUp);
        for (int i = 0; i < rest.size(); i++) {
            List<Segment> left = rest.get(i).segments();
            List<Segment> were = source.get(i).segments();
            assertThat(left).endsWith(were.get(were.size() - 1));
            assertThat(left.get(0).key().frontier()).isEqualTo(kept.offsets().get(i));
            assertThat(new Planner(List.of(rest.get(i))).times().holes())
                    .noneMatch(hole -> hole.kind() == Hole.Kind.BEFORE_FIRST_SEGMENT);
        }
    }

    @Property(tries = 1_000)
    void anHourMoreWouldBeTooMuch(@ForAll long seed) {
        GeneratedArchives archives = new GeneratedArchives(seed);
        List<ShardArchive> source = archives.source().stream()
                .map(shard -> inHours(shard.withoutTail()))
                .toList();
        List<Baseline> baselines = archives.baselines();

        Optional<Kept> kept = new Retention(source, baselines, 60).least(hour(LAST_MICRO));

        if (kept.isEmpty()) {
            return;
        }
        Optional<Hour> next = source.stream()
                .flatMap(shard -> shard.hours().tailSet(kept.get().hour(), false).stream())
                .min(Hour::compareTo)
                .filter(hour ->
                        source.stream().allMatch(shard -> shard.hours().last().compareTo(hour) >= 0));
        Statistics.label("more is there to give up").collect(next.isPresent());
        next.ifPresent(hour -> {
            Planner before = new Planner(source, baselines);
            Planner after = new Planner(
                    source.stream().map(shard -> shard.since(hour, 60)).toList(), baselines);
            assertThat(IntStream.rangeClosed(60, LAST_MICRO)
                            .filter(micros -> before.upTo(micros) instanceof Planned planned
                                    ? !after.upTo(micros).equals(planned)
                                    : after.upTo(micros) instanceof Planned))
                    .isNotEmpty();
        });
    }

    @Test
    void aPrunedBeginningIsNoDamageAndTheTimesBeforeItAreNotRestorable() {
        Base base = new Base(0, 4, 100);
        Segment first = segment(0, 0, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        Segment second = segment(1, 10, 20, 120, List.of(new ClaimInterval(base, 120, 20, 1)));
        Segment third = segment(2, 20, 30, 130, List.of(new ClaimInterval(base, 130, 30, 1)));
        ShardArchive whole = new ShardArchive(0, List.of(first, second, third), Optional.empty(), Optional.empty());
        List<Baseline> baselines = List.of(GeneratedArchives.baseline(120, 121));

        Kept kept =
                new Retention(List.of(whole), baselines, 121).least(hour(1_000)).orElseThrow();

        assertThat(kept.offsets()).containsExactly(10L);
        Planner after = new Planner(List.of(whole.since(kept.hour(), 121)), baselines);
        assertThat(after.times().holes()).isEmpty();
        assertThat(after.upTo(115)).isInstanceOf(NotRestorable.class);
        assertThat(after.upTo(121)).isEqualTo(new Planner(List.of(whole), baselines).upTo(121));
    }

    /** Which of the two is right is unknown, and stays so while what one of them says may be restored. */
    @Test
    void ofTwoSegmentsThatContradictEachOtherNeitherIsGivenUpAlone() {
        Base base = new Base(2, 4, 105);
        Segment first = segment(0, 0, 5, 100, List.of());
        Segment other = segment(1, 2, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        Base later = new Base(12, 14, 115);
        Segment second = segment(2, 10, 20, 120, List.of(new ClaimInterval(later, 120, 20, 1)));
        ShardArchive contradicts =
                new ShardArchive(0, List.of(first, other, second), Optional.empty(), Optional.empty());
        ShardArchive withoutFirst = contradicts.since(hour(MICROS_AN_HOUR), 104);
        assertThat(new Planner(List.of(contradicts)).upTo(107)).isInstanceOf(Damaged.class);
        assertThat(new Planner(List.of(withoutFirst)).upTo(107)).isInstanceOf(Planned.class);

        assertThat(new Retention(List.of(contradicts), List.of(), 104).least(hour(1_000)))
                .isEmpty();
        assertThat(new Retention(List.of(contradicts), List.of(), 104).isEnough(hour(MICROS_AN_HOUR), 104))
                .isFalse();
        assertThat(new Retention(List.of(contradicts), List.of(), 116).least(hour(1_000)))
                .hasValueSatisfying(kept -> assertThat(kept.offsets()).containsExactly(10L));
    }

    /** It may come back, and what was marked may be needed with it. */
    @Test
    void whereNoKeptTimeCanBeRestoredNothingThatWasMarkedIsDeleted() {
        Base base = new Base(0, 4, 100);
        Segment first = segment(0, 0, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        Segment third = segment(2, 20, 30, 130, List.of(new ClaimInterval(base, 130, 30, 1)));
        ShardArchive lacksOne = new ShardArchive(0, List.of(first, third), Optional.empty(), Optional.empty());

        assertThat(new Planner(List.of(lacksOne), List.of()).upTo(125)).isNotInstanceOf(Planned.class);
        assertThat(new Retention(List.of(lacksOne), List.of(), 125).isEnough(hour(2), 0))
                .isFalse();
    }

    @Test
    void nothingIsGivenUpOfAnArchiveThatBeginsWithItsOnlyBase() {
        Base base = new Base(0, 4, 100);
        Segment first = segment(0, 0, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        Segment second = segment(5, 10, 20, 120, List.of(new ClaimInterval(base, 120, 20, 1)));
        ShardArchive whole = new ShardArchive(0, List.of(first, second), Optional.empty(), Optional.empty());

        assertThat(new Retention(List.of(whole), List.of(), 119).least(hour(1_000)))
                .isEmpty();
    }

    @Test
    void theWindowIsReckonedFromTheLatestRestorableTimeAndKeepsWhatEitherRuleKeeps() {
        long latest = 100 * DAY_MICROS;
        RestorableTimes times = new RestorableTimes(List.of(new TimeSpan(0, latest)), 1, List.of(), List.of());
        List<Baseline> baselines = List.of(
                GeneratedArchives.baseline(60 * DAY_MICROS, 60 * DAY_MICROS),
                GeneratedArchives.baseline(80 * DAY_MICROS, 80 * DAY_MICROS),
                GeneratedArchives.baseline(latest, latest));
        long muchLater = latest + 1_000 * DAY_MICROS;

        assertThat(begin(30, 0, times, baselines, muchLater)).hasValue(70 * DAY_MICROS);
        assertThat(begin(0, 2, times, baselines, muchLater)).hasValue(80 * DAY_MICROS);
        assertThat(begin(30, 2, times, baselines, muchLater)).hasValue(70 * DAY_MICROS);
        assertThat(begin(10, 3, times, baselines, muchLater)).hasValue(60 * DAY_MICROS);
        assertThat(begin(0, 1, times, baselines, muchLater)).hasValue(99 * DAY_MICROS);
        assertThat(begin(30, 4, times, baselines, muchLater)).isEmpty();
        assertThat(begin(200, 0, times, baselines, muchLater)).isEmpty();
        assertThat(begin(0, 0, times, baselines, muchLater)).isEmpty();
    }

    @Test
    void aWindowThatBeginsInAGapBeginsWithWhatLiesBeforeIt() {
        RestorableTimes times = new RestorableTimes(
                List.of(new TimeSpan(0, 10 * DAY_MICROS), new TimeSpan(40 * DAY_MICROS, 50 * DAY_MICROS)),
                1,
                List.of(),
                List.of());

        assertThat(begin(20, 0, times, List.of(), 50 * DAY_MICROS)).hasValue(10 * DAY_MICROS);
    }

    private static OptionalLong begin(
            int days, int number, RestorableTimes times, List<Baseline> baselines, long nowMicros) {
        return KeptWindow.begin(new RetentionSettings(Duration.ofDays(days), number), times, baselines, nowMicros);
    }

    private static ShardArchive inHours(ShardArchive archive) {
        return new ShardArchive(
                archive.shard(),
                archive.segments().stream()
                        .map(each -> segment(
                                each.lastMicros() / MICROS_AN_HOUR,
                                each.key().frontier(),
                                each.end(),
                                each.lastMicros(),
                                each.claims()))
                        .toList(),
                archive.progress(),
                archive.tail());
    }

    private static Hour hour(long micros) {
        return Hour.of(micros / MICROS_AN_HOUR * HOUR_MICROS);
    }

    private static Segment segment(long hour, long from, long to, long lastMicros, List<ClaimInterval> claims) {
        SegmentKey key = new SegmentKey(Hour.of(hour * HOUR_MICROS), 0, 1, from);
        return new Segment(key, to, 100 + to, lastMicros, to - from, claims, 10 * (to - from), "");
    }
}
