package dev.tidemark.restorer.plan;

import dev.tidemark.restorer.plan.PlanOutcome.Damaged;
import dev.tidemark.restorer.plan.PlanOutcome.NotRestorable;
import dev.tidemark.restorer.plan.PlanOutcome.Planned;
import dev.tidemark.restorer.plan.RestorableTimes.ShardTimes;
import dev.tidemark.schemas.layout.Baseline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/** One planner for the question which times can be restored, for the dry run and for the run. */
public final class Planner {
    private final List<ShardView> shards;
    /** The best first: from the newest baseline, from older ones, from the log alone. */
    private final List<Foundation> foundations = new ArrayList<>();

    private final RestorableTimes times;

    /** From the log alone. */
    public Planner(List<ShardArchive> archives) {
        this(archives, List.of());
    }

    /**
     * Looks at everything once.
     *
     * @param archives one for every shard of the source, the empty ones too: a shard without anything is in no range
     * @param baselines of all slots of the source, whole as far as is known
     */
    public Planner(List<ShardArchive> archives, List<Baseline> baselines) {
        if (archives.isEmpty()) {
            throw new IllegalArgumentException("a source has one shard at least");
        }
        shards = archives.stream().map(ShardView::new).toList();
        baselines.stream()
                .sorted(Comparator.comparingLong(Baseline::forkMicros).reversed())
                .map(this::foundation)
                .forEach(foundations::add);
        foundations.add(new Foundation(
                Optional.empty(), shards.stream().map(ShardView::routes).toList()));
        times = restorable();
    }

    /** What a restore may start from, and the ways from there, shard by shard. */
    private record Foundation(Optional<Baseline> baseline, List<List<Route>> routes) {
        List<TimeSpan> spans(int shard) {
            return TimeSpan.union(routes.get(shard).stream().map(Route::span).toList());
        }
    }

    private Foundation foundation(Baseline baseline) {
        return new Foundation(
                Optional.of(baseline),
                shards.stream().map(shard -> shard.routes(baseline)).toList());
    }

    public RestorableTimes times() {
        return times;
    }

    /**
     * The times at which what is needed for a restore may become something else; between two of them a later time needs nothing
     * that an earlier one does not.
     */
    public NavigableSet<Long> turns() {
        NavigableSet<Long> turns = new TreeSet<>();
        for (Foundation foundation : foundations) {
            for (List<Route> routes : foundation.routes()) {
                for (TimeSpan span : ShardView.turns(routes)) {
                    turns.add(span.fromMicros());
                    turns.add(span.throughMicros() + 1);
                }
            }
        }
        return turns;
    }

    /** What to read for a restore to the time, or why it cannot be restored. */
    public PlanOutcome upTo(long micros) {
        for (Foundation foundation : foundations) {
            List<ShardPlan> plans = new ArrayList<>();
            for (int i = 0; i < shards.size(); i++) {
                shards.get(i).plan(foundation.routes().get(i), micros).ifPresent(plans::add);
            }
            if (plans.size() == shards.size()) {
                return new Planned(plans, foundation.baseline());
            }
        }
        return refused(micros);
    }

    private PlanOutcome refused(long micros) {
        List<Integer> unclaimed = new ArrayList<>();
        List<Hole> holes = new ArrayList<>();
        for (ShardView shard : shards) {
            if (shard.plan(shard.routes(), micros).isPresent()) {
                continue;
            }
            if (shard.isDamagedAt(micros)) {
                holes.addAll(shard.holes());
            } else {
                unclaimed.add(shard.shard());
            }
        }
        OptionalLong before = times.nearestBefore(micros);
        OptionalLong after = times.nearestAfter(micros);
        return unclaimed.isEmpty() ? new Damaged(holes, before, after) : new NotRestorable(unclaimed, before, after);
    }

    private RestorableTimes restorable() {
        List<TimeSpan> spans = new ArrayList<>();
        long exactness = 0;
        for (Foundation foundation : foundations) {
            List<TimeSpan> common = foundation.spans(0);
            for (int shard = 1; shard < shards.size(); shard++) {
                common = TimeSpan.intersection(common, foundation.spans(shard));
            }
            spans.addAll(common);
            for (List<Route> routes : foundation.routes()) {
                for (Route route : routes) {
                    exactness = Math.max(exactness, route.claim().exactnessMicros());
                }
            }
        }
        List<ShardTimes> perShard = new ArrayList<>();
        List<Hole> holes = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            int shard = i;
            List<TimeSpan> any = foundations.stream()
                    .flatMap(foundation -> foundation.spans(shard).stream())
                    .toList();
            perShard.add(shards.get(i).times(TimeSpan.union(any)));
            holes.addAll(shards.get(i).holes());
        }
        return new RestorableTimes(TimeSpan.union(spans), exactness, perShard, holes);
    }
}
