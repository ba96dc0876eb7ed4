package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.RowsInForce;
import dev.tidemark.schemas.log.Tidemark;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One writer's view of a shard's chain of segments; see the package. For one thread. */
public final class ChainWriter {
    private final long segmentBytesMax;
    private final PendingClaims claims = new PendingClaims();
    private ChainEnd end;

    // The range that is being read.
    private RowsInForce inForce;
    private long rangeEnd;
    private Optional<Hour> slotHour = Optional.empty();
    private long slotFrontier;
    private long lastMicros;
    private long rows;
    private long sizeBytes;
    private OptionalInt leaderEpoch = OptionalInt.empty();

    public ChainWriter(ChainEnd end, long segmentBytesMax) {
        if (segmentBytesMax < 1) {
            throw new IllegalArgumentException("a segment of " + segmentBytesMax + " bytes holds nothing");
        }
        this.end = end;
        this.segmentBytesMax = segmentBytesMax;
        abandon();
    }

    /** For a chain whose last segment is known: what it carries need not be carried again. */
    public static ChainWriter after(Segment last, long segmentBytesMax) {
        ChainWriter writer = new ChainWriter(ChainEnd.after(last), segmentBytesMax);
        writer.claims.carried(last.end(), last.claims());
        return writer;
    }

    public ChainEnd end() {
        return end;
    }

    /** Takes a tidemark that counts. */
    public void claim(Tidemark tidemark) {
        if (tidemark.generation() == end.generation()) {
            claims.add(ClaimInterval.of(tidemark), end.offset());
        }
    }

    /** How far the log may be read, if anything beyond the chain's end is claimed. */
    public OptionalLong target() {
        return claims.target(end.offset());
    }

    /** The latest claim that the chain has reached: every row below its offset is in a segment. */
    public Optional<ClaimInterval> latestReached() {
        return claims.latestReached();
    }

    /** The latest claim that a segment carries: with it the archive alone can be restored. */
    public Optional<ClaimInterval> latestCarried() {
        return claims.latestCarried();
    }

    /** Whether there is a claim that the chain has reached and no segment carries. */
    public boolean hasUncarriedReached() {
        return claims.hasUncarriedReached();
    }

    /** Begins to read [end of the chain, target); what was read of an earlier range is forgotten. */
    public void begin(long target) {
        if (target <= end.offset()) {
            throw new IllegalArgumentException("nothing is to be read from offset " + end.offset() + " to " + target);
        }
        abandon();
        rangeEnd = target;
    }

    /** Forgets what was read since the last cut. */
    public void abandon() {
        inForce = new RowsInForce(end.epoch());
        rangeEnd = end.offset();
        leaderEpoch = end.leaderEpoch();
        openSlotAt(end);
    }

    private void openSlotAt(ChainEnd at) {
        slotFrontier = at.offset();
        slotHour = Optional.empty();
        lastMicros = at.lastMicros();
        rows = 0;
        sizeBytes = 0;
    }

    /**
     * Takes the next record of the range. If that completes a segment, {@link #won} or {@link #lost} must be told first.
     *
     * @param writtenUnder the epoch of Kafka's leader, if the log tells it
     */
    public Placed offer(long offset, OptionalInt writtenUnder, LogRow record) {
        if (offset < slotFrontier || offset >= rangeEnd) {
            throw new IllegalArgumentException(
                    "offset %d is not in [%d, %d)".formatted(offset, slotFrontier, rangeEnd));
        }
        long epochBefore = inForce.epochInForce();
        OptionalInt leaderBefore = leaderEpoch;
        leaderEpoch = writtenUnder;
        if (!inForce.counts(record)) {
            // It settles no hour: that of the chain's end may be rolled up by now. A claim ends with a row of its own
            // owner, which
            // counts, so however far two writers read, the same row settles the key for both.
            return new Placed(Optional.empty(), Optional.empty(), Optional.empty());
        }
        long micros = Math.max(record.timeMicros(), lastMicros);
        Hour hour = later(Hour.of(micros), end.hour());
        long recordBytes = RecordSize.bytes(record);
        Optional<Cut> before = Optional.empty();
        if (slotHour.isPresent() && (hour.compareTo(slotHour.get()) > 0 || isFull(recordBytes))) {
            Cut cut = cut(offset, epochBefore, leaderBefore);
            before = Optional.of(cut);
            openSlotAt(cut.chainEnd());
        }
        slotHour = slotHour.or(() -> Optional.of(hour));
        lastMicros = micros;
        rows++;
        sizeBytes += recordBytes;
        return new Placed(before, Optional.of(AtTime.of(record, micros)), Optional.of(slot()));
    }

    private boolean isFull(long nextBytes) {
        return rows > 0 && sizeBytes + nextBytes > segmentBytesMax;
    }

    private static Hour later(Hour hour, Optional<Hour> other) {
        return other.isPresent() && other.get().compareTo(hour) > 0 ? other.get() : hour;
    }

    /**
     * The range was read to its end. Empty if no segment can be made of it: without any row that counts no hour is known yet.
     */
    public Optional<Cut> finish() {
        return slotHour.isPresent() && rangeEnd > slotFrontier
                ? Optional.of(cut(rangeEnd, inForce.epochInForce(), leaderEpoch))
                : Optional.empty();
    }

    private Cut cut(long cutEnd, long epochAfter, OptionalInt leader) {
        return new Cut(slot(), cutEnd, epochAfter, lastMicros, rows, sizeBytes, claims.upTo(cutEnd), leader);
    }

    private SegmentKey slot() {
        return new SegmentKey(slotHour.orElseThrow(), end.shard(), end.generation(), slotFrontier);
    }

    /** The cut is a segment now, or on its way to be one: if it does not arrive, this writer is of no more use. */
    public void won(Cut cut) {
        end = cut.chainEnd();
        claims.carried(cut.end(), cut.claims());
    }

    /** Another writer's segment has the slot: the chain goes on from its end, and the range must be begun anew. */
    public void lost(Segment winner) {
        end = ChainEnd.after(winner);
        claims.carried(winner.end(), winner.claims());
        abandon();
    }
}
