package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.Objects;
import java.util.Optional;

/**
 * One shard under one epoch: from a doubt through a resync to tidemarks, and back at the next doubt.
 *
 * <p>The caller asks {@link #next} again and again, does what it says, and reports what came of it. Times of the shard never
 * go back: a row is dated with the latest time so far if Redis's clock says less, and a tidemark waits until the clock has
 * passed the last one.
 *
 * <p>Resyncs are numbered: the acknowledgement of a BEGIN that a later doubt made void must not date the next resync, or keys
 * that vanished between the two would come back to life.
 */
public final class ShardProof {
    /** What is due. */
    public sealed interface Next {
        /** Write the BEGIN row, having first marked dirty every key that is open. */
        record BeginResync(long attempt, String reason) implements Next {}

        /** Touch every key of the shard. */
        record Scan(long attempt) implements Next {}

        /** Write the END row, dated at least with this time. */
        record EndResync(long attempt, long beginOffset, long timeMicros) implements Next {}

        /** Publish this claim; the beat of the barrier proves it. */
        record Claim(Base base, long barrier, long throughMicros, long offset, long exactnessMicros) implements Next {}
    }

    private enum Phase {
        /** Nothing can be claimed; waits for a watch that covers. */
        DOUBTFUL,
        BEGIN_DUE,
        BEGINNING,
        SCAN_DUE,
        SCANNING,
        /** Waits for a barrier begun after the last key was touched, and for all that was open at it. */
        DRAINING,
        ENDING,
        LIVE
    }

    private Phase phase = Phase.DOUBTFUL;
    private String reason;
    private long attempt;
    private long beginOffset;
    private Base base;
    /** A barrier counts for the present phase only if it began after this one. */
    private long barrierMustExceed;

    private long lastClaimed;
    private long lastMicros;
    private long lastThroughMicros;
    private long acknowledgedBelow;
    private long worstAgeMicros;
    private long worstAgeBeforeMicros;

    /**
     * @param lastMicros the latest time of a row that counts in this shard, and of a claim
     * @param lastThroughMicros the time of the last claim that counts
     * @param acknowledgedBelow one past the row that claimed the epoch
     */
    public ShardProof(String reason, long lastMicros, long lastThroughMicros, long acknowledgedBelow) {
        this.reason = Objects.requireNonNull(reason, "reason");
        this.lastMicros = Math.max(lastMicros, lastThroughMicros);
        this.lastThroughMicros = lastThroughMicros;
        this.acknowledgedBelow = acknowledgedBelow;
    }

    /** From here on nothing can be claimed, whatever the phase, until a new resync has ended. */
    public void doubt(String why) {
        phase = Phase.DOUBTFUL;
        reason = why;
        attempt++;
    }

    /** A watch covers the shard's node from now on: its first barrier completed. */
    public void covered() {
        if (phase == Phase.DOUBTFUL) {
            phase = Phase.BEGIN_DUE;
        }
    }

    /** What is due, if anything is; asking again before reporting gets nothing twice. */
    public Optional<Next> next(OpenKeys open, Barriers barriers) {
        switch (phase) {
            case BEGIN_DUE -> {
                phase = Phase.BEGINNING;
                return Optional.of(new Next.BeginResync(attempt, reason));
            }
            case SCAN_DUE -> {
                phase = Phase.SCANNING;
                return Optional.of(new Next.Scan(attempt));
            }
            case DRAINING -> {
                long proven = Math.min(open.oldest(), barriers.lastComplete());
                if (proven > barrierMustExceed) {
                    phase = Phase.ENDING;
                    return Optional.of(new Next.EndResync(
                            attempt, beginOffset, barriers.beat(proven).timeMicros()));
                }
                return Optional.empty();
            }
            case LIVE -> {
                return claim(Math.min(open.oldest(), barriers.lastComplete()), barriers);
            }
            case DOUBTFUL, BEGINNING, SCANNING, ENDING -> {
                return Optional.empty();
            }
        }
        throw new IllegalStateException("no such phase: " + phase);
    }

    private Optional<Next> claim(long barrier, Barriers barriers) {
        if (barrier <= Math.max(barrierMustExceed, lastClaimed)) {
            return Optional.empty();
        }
        long through = barriers.beat(barrier).timeMicros();
        if (through <= lastThroughMicros) {
            // The clock was set back. Nothing is lost: the claim waits until the clock passes the last one.
            return Optional.empty();
        }
        lastClaimed = barrier;
        lastThroughMicros = through;
        lastMicros = Math.max(lastMicros, through);
        long exactness = Math.max(worstAgeMicros, worstAgeBeforeMicros);
        worstAgeBeforeMicros = worstAgeMicros;
        worstAgeMicros = 0;
        return Optional.of(new Next.Claim(base, barrier, through, acknowledgedBelow, exactness));
    }

    /** The BEGIN row is in the log. */
    public void begun(long resync, long offset) {
        if (phase == Phase.BEGINNING && resync == attempt) {
            beginOffset = offset;
            phase = Phase.SCAN_DUE;
        }
    }

    /** Every key that the scan found has been touched. */
    public void scanned(long resync, Barriers barriers) {
        if (phase == Phase.SCANNING && resync == attempt) {
            barrierMustExceed = barriers.begun();
            phase = Phase.DRAINING;
        }
    }

    /** The END row is in the log, dated so. */
    public void ended(long resync, long offset, long timeMicros, Barriers barriers) {
        if (phase == Phase.ENDING && resync == attempt) {
            base = new Base(beginOffset, offset, timeMicros);
            barrierMustExceed = barriers.begun();
            // Rows before END are older than every time that can be claimed: their age says nothing of it.
            worstAgeMicros = 0;
            worstAgeBeforeMicros = 0;
            phase = Phase.LIVE;
        }
    }

    /** The date of a row that Redis's clock puts at this time. */
    public long stamp(long timeMicros) {
        lastMicros = Math.max(lastMicros, timeMicros);
        return lastMicros;
    }

    /** The date of a change, whose key did not change between the row before and {@code touchedAfterMicros}. */
    public long stampChange(long timeMicros, long touchedAfterMicros) {
        long stamped = stamp(timeMicros);
        worstAgeMicros = Math.max(worstAgeMicros, stamped - touchedAfterMicros);
        return stamped;
    }

    /** A row of this owner is in the log. */
    public void acknowledged(long offset) {
        acknowledgedBelow = Math.max(acknowledgedBelow, offset + 1);
    }

    public boolean live() {
        return phase == Phase.LIVE;
    }
}
