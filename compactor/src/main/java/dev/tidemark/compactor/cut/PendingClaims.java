package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The claims that no segment carries yet, in the order of the log. Those at or below the chain's end are kept as
 * intervals already; those beyond it one by one, since each is a place where a segment may end.
 */
final class PendingClaims {
    /** Beyond that, neighbours are merged: fewer places to cut at, but nothing that was claimed is lost. */
    private static final int KEPT_MAX = 8_192;

    private List<ClaimInterval> reached = List.of();
    private List<ClaimInterval> ahead = new ArrayList<>();
    private Optional<ClaimInterval> carried = Optional.empty();

    /** @param chainEnd where the segments end at this moment */
    void add(ClaimInterval claim, long chainEnd) {
        if (isOld(claim)) {
            return;
        }
        if (claim.offset() <= chainEnd && ahead.isEmpty()) {
            reached = newest(ClaimInterval.append(reached, claim));
            return;
        }
        ahead.add(claim);
        if (ahead.size() > KEPT_MAX) {
            thin();
        }
    }

    /** A tidemark never takes anything back, so one that is no later than a known one says nothing new. */
    private boolean isOld(ClaimInterval claim) {
        Optional<ClaimInterval> last = last();
        if (last.isEmpty()) {
            last = carried;
        }
        return last.isPresent()
                && (claim.offset() < last.get().offset()
                        || claim.throughMicros() <= last.get().throughMicros());
    }

    private Optional<ClaimInterval> last() {
        List<ClaimInterval> list = ahead.isEmpty() ? reached : ahead;
        return list.isEmpty() ? Optional.empty() : Optional.of(list.get(list.size() - 1));
    }

    private void thin() {
        List<ClaimInterval> thinned = new ArrayList<>();
        for (int i = 0; i < ahead.size(); i += 2) {
            List<ClaimInterval> pair = List.of(ahead.get(i));
            if (i + 1 < ahead.size()) {
                pair = ClaimInterval.append(pair, ahead.get(i + 1));
            }
            thinned.addAll(pair);
        }
        ahead = thinned;
    }

    /**
     * The highest claimed offset beyond the chain's end at which a segment can carry every claim below; empty if nothing
     * beyond it is claimed.
     */
    OptionalLong target(long chainEnd) {
        List<ClaimInterval> intervals = reached;
        OptionalLong target = OptionalLong.empty();
        for (ClaimInterval claim : ahead) {
            intervals = ClaimInterval.append(intervals, claim);
            if (intervals.size() > Segment.CLAIMS_MAX && target.isPresent()) {
                return target;
            }
            if (claim.offset() > chainEnd) {
                target = OptionalLong.of(claim.offset());
            }
        }
        return target;
    }

    /** What a segment with this end carries. */
    List<ClaimInterval> upTo(long end) {
        List<ClaimInterval> intervals = reached;
        for (ClaimInterval claim : ahead) {
            if (claim.offset() <= end) {
                intervals = ClaimInterval.append(intervals, claim);
            }
        }
        return newest(intervals);
    }

    /** The latest claim that the chain has reached, whether a segment carries it or not. */
    Optional<ClaimInterval> latestReached() {
        return reached.isEmpty() ? carried : Optional.of(reached.get(reached.size() - 1));
    }

    /** The latest claim that a segment carries. */
    Optional<ClaimInterval> latestCarried() {
        return carried;
    }

    boolean hasUncarriedReached() {
        return !reached.isEmpty();
    }

    /** A segment, ours or another's, now ends the chain and carries these claims. */
    void carried(long chainEnd, List<ClaimInterval> claims) {
        for (ClaimInterval claim : ahead) {
            if (claim.offset() <= chainEnd) {
                reached = ClaimInterval.append(reached, claim);
            }
        }
        ahead.removeIf(claim -> claim.offset() <= chainEnd);
        reached = newest(
                reached.stream().filter(claim -> !isWithin(claim, claims)).toList());
        if (!claims.isEmpty()) {
            carried = Optional.of(claims.get(claims.size() - 1));
        }
    }

    private static boolean isWithin(ClaimInterval claim, List<ClaimInterval> claims) {
        return claims.stream()
                .anyMatch(it -> it.base().equals(claim.base()) && it.throughMicros() >= claim.throughMicros());
    }

    /**
     * More than a segment can carry arises only where a dozen resyncs end at one and the same offset, which no log of
     * ours has. To drop a claim is safe, to invent one would not be.
     */
    private static List<ClaimInterval> newest(List<ClaimInterval> intervals) {
        return intervals.size() <= Segment.CLAIMS_MAX
                ? intervals
                : List.copyOf(intervals.subList(intervals.size() - Segment.CLAIMS_MAX, intervals.size()));
    }
}
