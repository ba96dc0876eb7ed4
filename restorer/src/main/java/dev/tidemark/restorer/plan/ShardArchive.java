package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that is known of one shard without reading a row. The segments are of one log generation.
 *
 * @param progress read before the segments were listed; else a segment written in between would seem lost
 * @param tail if Kafka was asked, answered, and holds the same log
 */
public record ShardArchive(int shard, List<Segment> segments, Optional<Progress> progress, Optional<Tail> tail) {
    public ShardArchive {
        segments = segments.stream()
                .sorted(Comparator.comparingLong(
                                (Segment segment) -> segment.key().frontier())
                        .thenComparingLong(Segment::end))
                .toList();
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(tail, "tail");
    }

    public ShardArchive withoutTail() {
        return new ShardArchive(shard, segments, progress, Optional.empty());
    }

    /** The claims that stand on S3, whether the segments bear them out or not. */
    List<ClaimInterval> archivedClaims() {
        List<ClaimInterval> claims = new ArrayList<>();
        segments.forEach(segment -> claims.addAll(segment.claims()));
        progress.flatMap(Progress::claim).ifPresent(claims::add);
        return claims;
    }

    /** Those and the ones in Kafka. */
    List<ClaimInterval> claims() {
        List<ClaimInterval> claims = new ArrayList<>(archivedClaims());
        tail.ifPresent(log -> claims.addAll(log.claims()));
        return claims;
    }
}
