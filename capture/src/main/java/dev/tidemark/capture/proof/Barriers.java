package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.TreeMap;

/**
 * All barriers of this process, numbered across watches, and the beats of those that completed.
 *
 * <p>A number is taken when a barrier begins; one whose watch ended in a doubt never completes.
 */
public final class Barriers {
    /** Before every barrier. */
    public static final long NONE = 0;

    private final TreeMap<Long, Beat> completed = new TreeMap<>();
    private long begun = NONE;
    private long lastComplete = NONE;

    public void begin() {
        begun++;
    }

    /** The barrier begun last completed. */
    public void complete(Beat beat) {
        lastComplete = begun;
        completed.put(begun, beat);
    }

    public long begun() {
        return begun;
    }

    public long lastComplete() {
        return lastComplete;
    }

    /** The beat of a completed barrier that no call of {@link #forgetBefore} covered. */
    public Beat beat(long barrier) {
        Beat beat = completed.get(barrier);
        if (beat == null) {
            throw new IllegalStateException("barrier " + barrier + " is not complete, or forgotten");
        }
        return beat;
    }

    /** Nothing is open since an earlier barrier than this, so nobody will ask for one. */
    public void forgetBefore(long barrier) {
        completed.headMap(Math.min(barrier, lastComplete)).clear();
    }
}
