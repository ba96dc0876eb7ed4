package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * All that is known of one shard without reading a row. The segments are of one log generation.
 *
 * @param progress read before the segments were listed; else a segment written in between would seem lost
 * @param tail if Kafka was asked, answered, and holds the same log
 * @param keptFrom if anything was ever given up
 */
public record ShardArchive(
        int shard,
        List<Segment> segments,
        Optional<Progress> progress,
        Optional<Tail> tail,
        Optional<KeptFrom> keptFrom) {
    public ShardArchive {
        segments = segments.stream()
                .sorted(Comparator.comparingLong(
                                (Segment segment) -> segment.key().frontier())
                        .thenComparingLong(Segment::end))
                .toList();
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(tail, "tail");
        Objects.requireNonNull(keptFrom, "keptFrom");
    }

    /** One of which nothing was given up. */
    public ShardArchive(int shard, List<Segment> segments, Optional<Progress> progress, Optional<Tail> tail) {
        this(shard, segments, progress, tail, Optional.empty());
    }

    public ShardArchive withoutTail() {
        return new ShardArchive(shard, segments, progress, Optional.empty(), keptFrom);
    }

    /** The hours that it has rows of, in their order. */
    public NavigableSet<Hour> hours() {
        return segments.stream().map(segment -> segment.key().hour()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** As it is when every earlier hour is given up. */
    public ShardArchive since(Hour hour, long keptFromMicros) {
        List<Segment> kept = segments.stream()
                .filter(segment -> segment.key().hour().compareTo(hour) >= 0)
                .toList();
        Optional<KeptFrom> from =
                kept.stream().findFirst().map(first -> new KeptFrom(first.key().frontier(), keptFromMicros));
        return new ShardArchive(shard, kept, progress, tail, from.or(() -> keptFrom));
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
