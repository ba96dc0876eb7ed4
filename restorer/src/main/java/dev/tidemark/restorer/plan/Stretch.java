package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import java.util.List;
import java.util.Optional;

/**
 * Offsets [from, to) that are all there, each exactly once.
 *
 * @param segments in order; the first and the last may reach beyond the stretch
 * @param tail what of it is read from Kafka
 */
record Stretch(long from, long to, List<Segment> segments, Optional<TailPart> tail) {
    Stretch {
        segments = List.copyOf(segments);
    }

    boolean bears(Route route) {
        return from <= route.from() && route.claim().offset() <= to;
    }

    /** What a restore reads on this route and no more. */
    ShardPlan plan(int shard, Route route) {
        ClaimInterval claim = route.claim();
        long begin = route.from();
        List<Segment> read = segments.stream()
                .filter(segment -> segment.end() > begin && segment.key().frontier() < claim.offset())
                .toList();
        Optional<TailPart> tailRead = tail.filter(part -> part.from() < claim.offset())
                .map(part -> new TailPart(part.from(), claim.offset(), part.epochInForce()));
        return new ShardPlan(shard, claim, begin, read, tailRead);
    }
}
