package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
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
 * All that is known of one shard without reading a row, of one log generation.
 *
 * @param rollUps whose files are there, or that need none
 * @param segments those of hours that are not rolled up, and any others that are known
 * @param lost what the archive says that it holds, and cannot be read
 * @param progress read before the rest was listed; else a segment written in between would seem lost
 * @param tail if Kafka was asked, answered, and holds the same log
 * @param keptFrom if anything was ever given up
 */
public record ShardArchive(
        int shard,
        List<RollUp> rollUps,
        List<Segment> segments,
        List<Lost> lost,
        Optional<Progress> progress,
        Optional<Tail> tail,
        Optional<KeptFrom> keptFrom) {
    private static final Comparator<ArchivedRange> BY_OFFSET =
            Comparator.comparingLong(ArchivedRange::from).thenComparingLong(ArchivedRange::to);

    public ShardArchive {
        rollUps = rollUps.stream().sorted(BY_OFFSET).toList();
        segments = segments.stream().sorted(BY_OFFSET).toList();
        lost = List.copyOf(lost);
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(tail, "tail");
        Objects.requireNonNull(keptFrom, "keptFrom");
    }

    /** One of which nothing is rolled up, and nothing was given up. */
    public ShardArchive(int shard, List<Segment> segments, Optional<Progress> progress, Optional<Tail> tail) {
        this(shard, List.of(), segments, List.of(), progress, tail, Optional.empty());
    }

    /**
     * Offsets of an object that is missing or damaged.
     *
     * @param claims that its marker told of: they are true, if what they speak of is found elsewhere
     */
    public record Lost(long from, long to, List<ClaimInterval> claims) {
        public Lost {
            claims = List.copyOf(claims);
        }
    }

    public ShardArchive withTail(Optional<Tail> other) {
        return new ShardArchive(shard, rollUps, segments, lost, progress, other, keptFrom);
    }

    public ShardArchive withoutTail() {
        return withTail(Optional.empty());
    }

    /**
     * What there is to read on S3, in order: a segment gives way to the roll-up in which it lies whole, since that has the
     * same rows.
     */
    public List<ArchivedRange> parts() {
        List<ArchivedRange> parts = new ArrayList<>();
        rollUps.stream().filter(rollUp -> rollUp.from() < rollUp.to()).forEach(parts::add);
        int next = 0;
        long rolledTo = 0;
        for (Segment segment : segments) {
            while (next < rollUps.size() && rollUps.get(next).from() <= segment.from()) {
                rolledTo = Math.max(rolledTo, rollUps.get(next++).to());
            }
            if (segment.to() > rolledTo) {
                parts.add(segment);
            }
        }
        parts.sort(BY_OFFSET);
        return List.copyOf(parts);
    }

    /** The hours of whose log there is something, in their order. */
    public NavigableSet<Hour> hours() {
        return parts().stream().map(ArchivedRange::hour).collect(Collectors.toCollection(TreeSet::new));
    }

    /** As it is when every earlier hour is given up. */
    public ShardArchive since(Hour hour, long keptFromMicros) {
        ShardArchive kept = new ShardArchive(
                shard, within(rollUps, hour), within(segments, hour), List.of(), progress, tail, keptFrom);
        Optional<KeptFrom> from =
                kept.parts().stream().findFirst().map(first -> new KeptFrom(first.from(), keptFromMicros));
        return new ShardArchive(
                shard,
                kept.rollUps,
                kept.segments,
                lost.stream()
                        .filter(range ->
                                range.from() >= from.map(KeptFrom::offset).orElse(0L))
                        .toList(),
                progress,
                tail,
                from.or(() -> keptFrom));
    }

    private static <R extends ArchivedRange> List<R> within(List<R> ranges, Hour from) {
        return ranges.stream()
                .filter(range -> range.hour().compareTo(from) >= 0)
                .toList();
    }

    /** The claims that stand on S3, whether what is there bears them out or not. */
    List<ClaimInterval> archivedClaims() {
        List<ClaimInterval> claims = new ArrayList<>();
        rollUps.forEach(rollUp -> claims.addAll(rollUp.claims()));
        segments.forEach(segment -> claims.addAll(segment.claims()));
        lost.forEach(range -> claims.addAll(range.claims()));
        progress.flatMap(Progress::claim).ifPresent(claims::add);
        return claims;
    }

    /** Those and the ones in Kafka. */
    public List<ClaimInterval> claims() {
        List<ClaimInterval> claims = new ArrayList<>(archivedClaims());
        tail.ifPresent(log -> claims.addAll(log.claims()));
        return claims;
    }
}
