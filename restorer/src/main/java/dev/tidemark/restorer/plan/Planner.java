package dev.tidemark.restorer.plan;

import dev.tidemark.restorer.plan.PlanOutcome.Damaged;
import dev.tidemark.restorer.plan.PlanOutcome.NotRestorable;
import dev.tidemark.restorer.plan.PlanOutcome.Planned;
import dev.tidemark.restorer.plan.RestorableTimes.ShardTimes;
import dev.tidemark.schemas.layout.ClaimInterval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** One planner for the question which times can be restored, for the dry run and for the run. */
public final class Planner {
    private final List<ShardView> shards;
    private final RestorableTimes times;

    /**
     * Looks at everything once.
     *
     * @param archives one for every shard of the source, the empty ones too: a shard without anything is in no range
     */
    public Planner(List<ShardArchive> archives) {
        if (archives.isEmpty()) {
            throw new IllegalArgumentException("a source has one shard at least");
        }
        shards = archives.stream().map(ShardView::new).toList();
        times = restorable();
    }

    public RestorableTimes times() {
        return times;
    }

    /** What to read for a restore to the time, or why it cannot be restored. */
    public PlanOutcome upTo(long micros) {
        List<ShardPlan> plans = new ArrayList<>();
        List<Integer> unclaimed = new ArrayList<>();
        List<Hole> holes = new ArrayList<>();
        for (ShardView shard : shards) {
            Optional<ShardPlan> plan = shard.plan(micros);
            if (plan.isPresent()) {
                plans.add(plan.get());
            } else if (shard.isDamagedAt(micros)) {
                holes.addAll(shard.coverage.holes());
            } else {
                unclaimed.add(shard.archive.shard());
            }
        }
        if (plans.size() == shards.size()) {
            return new Planned(plans);
        }
        return unclaimed.isEmpty()
                ? new Damaged(holes, times.nearestBefore(micros), times.nearestAfter(micros))
                : new NotRestorable(unclaimed, times.nearestBefore(micros), times.nearestAfter(micros));
    }

    private RestorableTimes restorable() {
        List<TimeSpan> common = shards.get(0).spans;
        List<ShardTimes> perShard = new ArrayList<>();
        List<Hole> holes = new ArrayList<>();
        long exactness = 0;
        for (ShardView shard : shards) {
            common = TimeSpan.intersection(common, shard.spans);
            perShard.add(shard.times());
            holes.addAll(shard.coverage.holes());
            for (ClaimInterval claim : shard.borne) {
                exactness = Math.max(exactness, claim.exactnessMicros());
            }
        }
        return new RestorableTimes(common, exactness, perShard, holes);
    }

    /** One shard, with what follows from it. */
    private static final class ShardView {
        /** The one that ends first reads least; a later base reads less. */
        private static final Comparator<ClaimInterval> BEST_FIRST = Comparator.comparingLong(ClaimInterval::offset)
                .thenComparing(Comparator.comparingLong(
                                (ClaimInterval claim) -> claim.base().beginOffset())
                        .reversed());

        private final ShardArchive archive;
        private final Coverage coverage;
        private final List<ClaimInterval> borne;
        private final List<TimeSpan> spans;

        ShardView(ShardArchive archive) {
            this.archive = archive;
            this.coverage = Coverage.of(archive);
            this.borne = archive.claims().stream()
                    .filter(ShardView::coversTime)
                    .filter(coverage::bears)
                    .sorted(BEST_FIRST)
                    .toList();
            this.spans = TimeSpan.union(borne.stream().map(ShardView::span).toList());
        }

        Optional<ShardPlan> plan(long micros) {
            return borne.stream()
                    .filter(claim -> span(claim).contains(micros))
                    .findFirst()
                    .flatMap(coverage::planFor);
        }

        boolean isDamagedAt(long micros) {
            return archive.claims().stream().filter(ShardView::coversTime).anyMatch(claim -> span(claim)
                            .contains(micros))
                    || coverage.holes().stream().anyMatch(hole -> hole.mayHold(micros));
        }

        ShardTimes times() {
            long end = borne.stream().mapToLong(ClaimInterval::offset).max().orElse(0);
            return new ShardTimes(
                    archive.shard(), spans, end, archive.segments().size());
        }

        private static boolean coversTime(ClaimInterval claim) {
            return claim.throughMicros() >= claim.base().endMicros();
        }

        private static TimeSpan span(ClaimInterval claim) {
            return new TimeSpan(claim.base().endMicros(), claim.throughMicros());
        }
    }
}
