package dev.tidemark.restorer.plan;

import dev.tidemark.restorer.plan.RestorableTimes.ShardTimes;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One shard, with what follows from what is known of it. */
final class ShardView {
    private final ShardArchive archive;
    private final Coverage coverage;
    private final List<Route> resyncs;

    ShardView(ShardArchive archive) {
        this.archive = archive;
        this.coverage = Coverage.of(archive);
        this.resyncs = archive.claims().stream()
                .filter(ShardView::coversTime)
                .map(claim -> new Route(claim, claim.base().beginOffset(), span(claim)))
                .filter(coverage::bears)
                .sorted(Route.BEST_FIRST)
                .toList();
    }

    int shard() {
        return archive.shard();
    }

    List<Hole> holes() {
        return coverage.holes();
    }

    /** From the log alone. */
    List<Route> routes() {
        return resyncs;
    }

    /**
     * From a baseline and what came after it. Neither a doubt nor its cure may lie behind the baseline's beginning: the
     * resync that the claim follows from was over by then.
     */
    List<Route> routes(Baseline baseline) {
        long from = coverage.endOfRowsThrough(baseline.beginMicros());
        return archive.claims().stream()
                .filter(claim -> claim.base().endMicros() <= baseline.beginMicros()
                        && baseline.forkMicros() <= claim.throughMicros())
                .map(claim -> new Route(
                        claim,
                        Math.min(Math.max(from, claim.base().beginOffset()), claim.offset()),
                        new TimeSpan(baseline.forkMicros(), claim.throughMicros())))
                .filter(coverage::bears)
                .sorted(Route.BEST_FIRST)
                .toList();
    }

    Optional<ShardPlan> plan(List<Route> routes, long micros) {
        return routes.stream()
                .filter(route -> route.span().contains(micros))
                .findFirst()
                .flatMap(coverage::planFor);
    }

    /** What was given up is not damaged. */
    boolean isDamagedAt(long micros) {
        if (archive.keptFrom().filter(kept -> micros < kept.micros()).isPresent()) {
            return false;
        }
        return archive.claims().stream().filter(ShardView::coversTime).anyMatch(claim -> span(claim)
                        .contains(micros))
                || coverage.holes().stream().anyMatch(hole -> hole.mayHold(micros));
    }

    /**
     * Within the spans of one base, the way begins at the same offset for all times; only where such a span begins or ends may
     * what a plan needs become another.
     */
    static List<TimeSpan> turns(List<Route> routes) {
        Map<Base, List<TimeSpan>> byBase = routes.stream()
                .collect(Collectors.groupingBy(
                        route -> route.claim().base(), Collectors.mapping(Route::span, Collectors.toList())));
        return byBase.values().stream()
                .flatMap(spans -> TimeSpan.union(spans).stream())
                .toList();
    }

    ShardTimes times(List<TimeSpan> spans) {
        long end = resyncs.stream()
                .mapToLong(route -> route.claim().offset())
                .max()
                .orElse(0);
        return new ShardTimes(archive.shard(), spans, end, archive.parts().size());
    }

    private static boolean coversTime(ClaimInterval claim) {
        return claim.throughMicros() >= claim.base().endMicros();
    }

    private static TimeSpan span(ClaimInterval claim) {
        return new TimeSpan(claim.base().endMicros(), claim.throughMicros());
    }
}
