package dev.tidemark.compactor.roll;

import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.RowsInForce;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Decides about one hour of one log generation. */
public record HourRule(Hour hour, int generation) {

    /** Whether the shard's log has passed the hour, by its progress alone: a lower bound, so it may say so late. */
    public boolean isOver(Progress progress) {
        return progress.generation() == generation && (isInLaterHour(progress) || isClaimedPast(progress));
    }

    private boolean isInLaterHour(Progress progress) {
        return progress.hour().filter(reached -> reached.compareTo(hour) > 0).isPresent();
    }

    private boolean isClaimedPast(Progress progress) {
        return progress.claim()
                .filter(claim -> claim.throughMicros() >= RedisTime.micros(hour.end()))
                .isPresent();
    }

    /**
     * The shard's part of the hour, which is over for it; empty if the segments that should be there are not seen yet.
     *
     * @param before the shard's part of the hour before; empty if the archive begins with this hour
     * @param progress read before the segments were listed
     * @param inHour all segments of the shard in this hour
     * @throws IllegalArgumentException when they do not follow each other, which no writer of ours leaves
     */
    public Optional<ShardPart> part(int shard, Optional<RollUp> before, Progress progress, List<Segment> inHour) {
        long from = before.map(RollUp::to).orElse(0L);
        long to = from;
        long epoch = before.map(RollUp::epochAfter).orElse(RowsInForce.NO_EPOCH);
        long lastMicros = before.map(RollUp::lastMicros).orElse(0L);
        List<ClaimInterval> claims = new ArrayList<>();
        List<Segment> ordered = inHour.stream()
                .sorted(Comparator.comparingLong(segment -> segment.key().frontier()))
                .toList();
        for (Segment segment : ordered) {
            if (segment.key().frontier() != to) {
                throw new IllegalArgumentException("segment %s should begin at offset %d"
                        .formatted(segment.key().path(), to));
            }
            to = segment.end();
            epoch = segment.epochAfter();
            lastMicros = segment.lastMicros();
            claims.addAll(segment.claims());
        }
        if (!isInLaterHour(progress) && progress.frontier() > to) {
            return Optional.empty();
        }
        return Optional.of(
                new ShardPart(shard, from, to, epoch, lastMicros, ordered, withClosing(claims, progress, to)));
    }

    /** With the claim that closed the hour: the markers alone then tell how far a shard without news is claimed. */
    private static List<ClaimInterval> withClosing(List<ClaimInterval> claims, Progress progress, long to) {
        List<ClaimInterval> merged = List.of();
        for (ClaimInterval claim : claims) {
            merged = ClaimInterval.append(merged, claim);
        }
        if (progress.claim().isEmpty() || progress.claim().get().offset() > to) {
            return merged;
        }
        ClaimInterval closing = progress.claim().get();
        boolean isNews = merged.isEmpty() || merged.get(merged.size() - 1).throughMicros() < closing.throughMicros();
        return isNews ? ClaimInterval.append(merged, closing) : merged;
    }
}
