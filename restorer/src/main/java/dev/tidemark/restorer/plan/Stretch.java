package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.ClaimInterval;
import java.util.List;
import java.util.Optional;

/**
 * Offsets [from, to) that are all there, each exactly once.
 *
 * @param parts in order; the first and the last may reach beyond the stretch
 * @param tail what of it is read from Kafka
 */
record Stretch(long from, long to, List<ArchivedRange> parts, Optional<TailPart> tail) {
    Stretch {
        parts = List.copyOf(parts);
    }

    boolean bears(Route route) {
        return from <= route.from() && route.claim().offset() <= to;
    }

    /** What a restore reads on this route and no more. */
    ShardPlan plan(int shard, Route route) {
        ClaimInterval claim = route.claim();
        long begin = route.from();
        List<ArchivedRange> read = parts.stream()
                .filter(part -> part.to() > begin && part.from() < claim.offset())
                .toList();
        Optional<TailPart> tailRead = tail.filter(part -> part.from() < claim.offset())
                .map(part -> new TailPart(part.from(), claim.offset(), part.epochInForce()));
        return new ShardPlan(shard, claim, begin, read, tailRead);
    }
}
