package dev.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.plan.GeneratedArchives.History;
import dev.tidemark.restorer.plan.Hole.Kind;
import dev.tidemark.restorer.plan.PlanOutcome.Damaged;
import dev.tidemark.restorer.plan.PlanOutcome.NotRestorable;
import dev.tidemark.restorer.plan.PlanOutcome.Planned;
import dev.tidemark.restorer.plan.ShardArchive.Lost;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final int LAST_MICRO = 200;

    @Property(tries = 10_000)
    void restorableTimesAreThoseOfTheModel(@ForAll long seed) {
        GeneratedArchives archives = new GeneratedArchives(seed);
        List<ShardArchive> source = archives.source();
        List<Baseline> baselines = archives.baselines();

        RestorableTimes times = new Planner(source, baselines).times();

        BitSet expected = restorable(source, baselines);
        for (int micros = 0; micros <= LAST_MICRO; micros++) {
            assertThat(times.contains(micros))
                    .as("time %d of %s", micros, source)
                    .isEqualTo(expected.get(micros));
        }
        assertThat(times.latestMicros())
                .isEqualTo(expected.isEmpty() ? OptionalLong.empty() : OptionalLong.of(expected.length() - 1));
        Statistics.label("shards, any time restorable").collect(source.size(), !expected.isEmpty());
    }

    @Property(tries = 10_000)
    void aPlanReadsEveryOffsetOfItsClaimOnceAndARefusalSaysWhy(@ForAll long seed) {
        GeneratedArchives archives = new GeneratedArchives(seed);
        List<ShardArchive> source = archives.source();
        List<Baseline> baselines = archives.baselines();
        Planner planner = new Planner(source, baselines);

        BitSet restorable = restorable(source, baselines);
        for (int micros = 0; micros <= LAST_MICRO; micros++) {
            PlanOutcome outcome = planner.upTo(micros);

            boolean fromBaseline =
                    outcome instanceof Planned planned && planned.baseline().isPresent();
            Statistics.label("outcome")
                    .collect(outcome.getClass().getSimpleName() + (fromBaseline ? " from a baseline" : ""));
            if (outcome instanceof Planned planned) {
                requireNewest(source, baselines, planned.baseline(), micros);
                assertThat(restorable.get(micros)).isTrue();
                assertThat(planned.shards()).hasSameSizeAs(source);
                for (int shard = 0; shard < source.size(); shard++) {
                    requireSound(source.get(shard), planned.shards().get(shard), planned.baseline(), micros);
                }
                continue;
            }
            long refused = micros;
            assertThat(restorable.get(micros)).isFalse();
            boolean claimedByAll = source.stream().allMatch(archive -> SlowModel.claims(archive, refused));
            if (claimedByAll) {
                assertThat(outcome).isInstanceOf(Damaged.class);
            }
            if (outcome instanceof Damaged damaged) {
                assertThat(damaged.holes()).isNotEmpty();
                requireNearest(restorable, micros, damaged.beforeMicros(), damaged.afterMicros());
            } else {
                NotRestorable notRestorable = (NotRestorable) outcome;
                for (int shard : notRestorable.shardsWithoutClaim()) {
                    assertThat(SlowModel.claims(source.get(shard), micros)).isFalse();
                }
                requireNearest(restorable, micros, notRestorable.beforeMicros(), notRestorable.afterMicros());
            }
        }
    }

    @Property(tries = 3_000)
    void holesAreExactlyWhatIsSpokenOfAndNotThereOnce(@ForAll long seed) {
        for (ShardArchive archive : new GeneratedArchives(seed).source()) {
            List<Hole> holes = new Planner(List.of(archive)).times().holes();

            for (long offset = 0; offset < 150; offset++) {
                long each = offset;
                boolean inHole = holes.stream().anyMatch(hole -> hole.from() <= each && each < hole.to());
                if (SlowModel.spokenOf(archive, offset) && SlowModel.copies(archive, offset) != 1) {
                    assertThat(inHole).as("offset %d of %s", offset, archive).isTrue();
                }
                if (inHole) {
                    assertThat(SlowModel.copies(archive, offset)).isNotEqualTo(1);
                }
            }
            Statistics.label("holes")
                    .collect(holes.isEmpty() ? "none" : holes.get(0).kind());
        }
    }

    @Property(tries = 2_000)
    void anUndamagedArchiveRestoresEveryClaimedTime(@ForAll long seed) {
        History history = new GeneratedArchives(seed).history(0);
        ShardArchive archive = new ShardArchive(0, history.segments(), Optional.empty(), Optional.empty());

        RestorableTimes times = new Planner(List.of(archive)).times();

        assertThat(times.holes()).isEmpty();
        for (ClaimInterval claim : history.claims()) {
            if (claim.offset() <= history.end()) {
                assertThat(times.contains(claim.throughMicros())).isTrue();
                assertThat(times.contains(claim.base().endMicros())).isTrue();
            }
        }
    }

    @Property(tries = 2_000)
    void takingASegmentAwayNeverMakesATimeRestorableNorAPlanShorter(@ForAll long seed) {
        History history = new GeneratedArchives(seed).history(0);
        if (history.segments().isEmpty()) {
            return;
        }
        Planner whole =
                new Planner(List.of(new ShardArchive(0, history.segments(), Optional.empty(), Optional.empty())));
        List<Segment> rest = new ArrayList<>(history.segments());
        rest.remove((int) Math.floorMod(seed, (long) rest.size()));
        Planner holed = new Planner(List.of(new ShardArchive(0, rest, Optional.empty(), Optional.empty())));

        for (long micros = 0; micros <= LAST_MICRO; micros++) {
            if (holed.upTo(micros) instanceof Planned planned) {
                assertThat(whole.upTo(micros)).isInstanceOf(Planned.class);
                ShardPlan before = ((Planned) whole.upTo(micros)).shards().get(0);
                ShardPlan after = planned.shards().get(0);
                assertThat(after.claim().offset())
                        .isGreaterThanOrEqualTo(before.claim().offset());
            }
        }
    }

    @Property(tries = 3_000)
    void rollingHoursUpChangesNothingThatCanBeRestored(@ForAll long seed) {
        GeneratedArchives archives = new GeneratedArchives(seed);
        History history = archives.history(0);
        List<RollUp> rollUps = archives.rollUps(history);
        long rolledTo = rollUps.isEmpty() ? 0 : rollUps.get(rollUps.size() - 1).to();
        List<Segment> rest = history.segments().stream()
                .filter(segment -> segment.from() >= rolledTo)
                .toList();

        RestorableTimes times = timesOf(List.of(), history.segments(), List.of());

        assertThat(timesOf(rollUps, rest, List.of()).spans()).isEqualTo(times.spans());
        assertThat(timesOf(rollUps, rest, List.of()).holes()).isEqualTo(times.holes());
        for (RollUp lost : rollUps) {
            List<RollUp> others = new ArrayList<>(rollUps);
            others.remove(lost);
            List<Lost> known = List.of(new Lost(lost.from(), lost.to(), lost.claims()));
            RestorableTimes fallenBack = timesOf(others, history.segments(), known);
            assertThat(fallenBack.spans()).isEqualTo(times.spans());
            assertThat(fallenBack.holes()).isEmpty();
            if (lost.hasFile()) {
                assertThat(timesOf(others, rest, known).holes()).isNotEmpty();
            }
        }
        Statistics.label("hours").collect(Math.min(rollUps.size(), 5));
    }

    private static RestorableTimes timesOf(List<RollUp> rollUps, List<Segment> segments, List<Lost> lost) {
        ShardArchive archive =
                new ShardArchive(0, rollUps, segments, lost, Optional.empty(), Optional.empty(), Optional.empty());
        return new Planner(List.of(archive)).times();
    }

    @Test
    void aHoleInTheMiddleIsDamageAndNotAShorterPlan() {
        Base base = new Base(0, 4, 100);
        Segment first = GeneratedArchives.segment(0, 0, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        Segment third = GeneratedArchives.segment(0, 20, 30, 130, List.of(new ClaimInterval(base, 130, 30, 1)));
        Planner planner =
                new Planner(List.of(new ShardArchive(0, List.of(first, third), Optional.empty(), Optional.empty())));

        PlanOutcome outcome = planner.upTo(120);

        assertThat(planner.upTo(110)).isInstanceOf(Planned.class);
        assertThat(outcome)
                .isEqualTo(new Damaged(
                        List.of(new Hole(
                                0, 10, 20, Kind.BETWEEN_SEGMENTS, OptionalLong.of(110), OptionalLong.of(130), false)),
                        OptionalLong.of(110),
                        OptionalLong.empty()));
    }

    @Test
    void kafkaBridgesAHoleWhileItStillHoldsIt() {
        Base base = new Base(0, 4, 100);
        Segment first = GeneratedArchives.segment(0, 0, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        Segment third = GeneratedArchives.segment(0, 20, 30, 130, List.of(new ClaimInterval(base, 130, 30, 1)));
        Tail tail = new Tail(9, 35, List.of(new ClaimInterval(base, 120, 18, 1)));
        Planner planner =
                new Planner(List.of(new ShardArchive(0, List.of(first, third), Optional.empty(), Optional.of(tail))));

        PlanOutcome outcome = planner.upTo(120);

        assertThat(outcome)
                .isEqualTo(new Planned(
                        List.of(new ShardPlan(
                                0,
                                tail.claims().get(0),
                                0,
                                List.of(first),
                                Optional.of(new TailPart(10, 18, first.epochAfter())))),
                        Optional.empty()));
        assertThat(planner.times().holes()).singleElement().matches(Hole::bridged);
    }

    @Test
    void theNewestSegmentsLossShowsByProgress() {
        Base base = new Base(0, 4, 100);
        Segment first = GeneratedArchives.segment(0, 0, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        Progress progress = new Progress(0, 1, 20, Optional.empty(), Optional.of(new ClaimInterval(base, 120, 20, 1)));
        Planner planner =
                new Planner(List.of(new ShardArchive(0, List.of(first), Optional.of(progress), Optional.empty())));

        PlanOutcome outcome = planner.upTo(115);

        assertThat(outcome).isInstanceOf(Damaged.class);
        assertThat(planner.times().latestMicros()).hasValue(110);
        assertThat(planner.times().holes()).singleElement().matches(hole -> hole.kind() == Kind.AFTER_LAST_SEGMENT);
    }

    @Test
    void theLogAloneIsEnoughFromItsVeryBeginning() {
        ClaimInterval claim = new ClaimInterval(new Base(0, 4, 100), 120, 9, 1);
        ShardArchive whole =
                new ShardArchive(0, List.of(), Optional.empty(), Optional.of(new Tail(0, 12, List.of(claim))));
        ShardArchive headless =
                new ShardArchive(0, List.of(), Optional.empty(), Optional.of(new Tail(1, 12, List.of(claim))));

        assertThat(new Planner(List.of(whole)).upTo(110))
                .isEqualTo(new Planned(
                        List.of(new ShardPlan(
                                0, claim, 0, List.of(), Optional.of(new TailPart(0, 9, RowsInForce.NO_EPOCH)))),
                        Optional.empty()));
        assertThat(new Planner(List.of(headless)).upTo(110)).isInstanceOf(Damaged.class);
    }

    @Test
    void aHoleBehindABaselineIsNotNeededAndOneAfterItIs() {
        Base base = new Base(0, 4, 20);
        Segment second = GeneratedArchives.segment(0, 10, 20, 110, List.of(new ClaimInterval(base, 110, 20, 1)));
        Segment fourth = GeneratedArchives.segment(0, 30, 40, 130, List.of(new ClaimInterval(base, 130, 40, 1)));
        ShardArchive archive = new ShardArchive(0, List.of(second, fourth), Optional.empty(), Optional.empty());

        Planner afterFirstHole = new Planner(List.of(archive), List.of(GeneratedArchives.baseline(110, 110)));
        Planner beforeSecondHole = new Planner(List.of(archive), List.of(GeneratedArchives.baseline(109, 110)));

        assertThat(afterFirstHole.upTo(110)).isInstanceOfSatisfying(Planned.class, planned -> assertThat(
                        planned.shards().get(0).segments())
                .isEmpty());
        // Where the third segment's rows lie nobody knows: they may be of just after the baseline.
        assertThat(afterFirstHole.upTo(111)).isInstanceOf(Damaged.class);
        assertThat(beforeSecondHole.upTo(110)).isInstanceOf(Damaged.class);
    }

    @Test
    void aShardWithoutAnythingIsInNoRange() {
        Base base = new Base(0, 4, 100);
        Segment segment = GeneratedArchives.segment(0, 0, 10, 110, List.of(new ClaimInterval(base, 110, 10, 1)));
        ShardArchive full = new ShardArchive(0, List.of(segment), Optional.empty(), Optional.empty());
        ShardArchive empty = new ShardArchive(1, List.of(), Optional.empty(), Optional.empty());

        Planner planner = new Planner(List.of(full, empty));

        assertThat(planner.times().spans()).isEmpty();
        assertThat(planner.upTo(105))
                .isEqualTo(new NotRestorable(List.of(1), OptionalLong.empty(), OptionalLong.empty()));
    }

    private static void requireNewest(
            List<ShardArchive> source, List<Baseline> baselines, Optional<Baseline> used, long micros) {
        OptionalLong newest = baselines.stream()
                .filter(each -> source.stream().allMatch(archive -> SlowModel.restorable(archive, each, micros)))
                .mapToLong(Baseline::forkMicros)
                .max();
        assertThat(used.map(Baseline::forkMicros).orElse(-1L)).isEqualTo(newest.orElse(-1));
    }

    private static void requireSound(ShardArchive archive, ShardPlan plan, Optional<Baseline> baseline, long micros) {
        ClaimInterval claim = plan.claim();
        assertThat(SlowModel.covers(claim, micros)).isTrue();
        long least = archive.claims().stream()
                .filter(each -> SlowModel.covers(each, micros)
                        && baseline.map(base -> SlowModel.bears(archive, each, base))
                                .orElseGet(() -> SlowModel.bears(archive, each)))
                .mapToLong(ClaimInterval::offset)
                .min()
                .orElseThrow();
        assertThat(claim.offset()).isEqualTo(least);
        if (baseline.isEmpty()) {
            assertThat(plan.from()).isEqualTo(claim.base().beginOffset());
        }
        for (long offset = claim.base().beginOffset(); offset < claim.offset(); offset++) {
            if (baseline.isPresent() && offset < plan.from()) {
                long skipped = offset;
                assertThat(archive.parts())
                        .anyMatch(part -> skipped < part.to()
                                && part.lastMicros() <= baseline.get().beginMicros());
                continue;
            }
            assertThat(plan.reads(offset)).isTrue();
            assertThat(timesRead(plan, offset))
                    .as("offset %d of %s", offset, plan)
                    .isEqualTo(1);
        }
        plan.tail().ifPresent(part -> {
            assertThat(part.to()).isEqualTo(claim.offset());
            assertThat(part.from()).isGreaterThanOrEqualTo(archive.tail().get().logStart());
            assertThat(part.to()).isLessThanOrEqualTo(archive.tail().get().logEnd());
            long expectedEpoch = part.from() == 0 ? RowsInForce.NO_EPOCH : 100 + part.from();
            assertThat(part.epochInForce()).isEqualTo(expectedEpoch);
        });
    }

    private static long timesRead(ShardPlan plan, long offset) {
        long files = plan.parts().stream()
                .filter(part -> part.from() <= offset && offset < part.to())
                .count();
        boolean fromKafka = plan.tail()
                .filter(part -> part.from() <= offset && offset < part.to())
                .isPresent();
        return files + (fromKafka ? 1 : 0);
    }

    private static void requireNearest(BitSet restorable, int micros, OptionalLong before, OptionalLong after) {
        assertThat(before.orElse(-1)).isEqualTo(restorable.previousSetBit(micros));
        assertThat(after.orElse(-1)).isEqualTo(restorable.nextSetBit(micros));
    }

    private static BitSet restorable(List<ShardArchive> source, List<Baseline> baselines) {
        BitSet restorable = new BitSet();
        for (int micros = 0; micros <= LAST_MICRO; micros++) {
            restorable.set(micros, SlowModel.restorable(source, baselines, micros));
        }
        return restorable;
    }
}
