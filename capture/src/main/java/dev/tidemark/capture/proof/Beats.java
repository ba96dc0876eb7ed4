package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.TreeMap;

/**
 * The beats of one run of a node, by their place on the one clock that all its watchers share and nobody sets back: the
 * number of commands that the node has processed.
 */
public final class Beats {
    /** Before every beat. */
    public static final long NONE = -1;

    private final TreeMap<Long, Beat> byBeat = new TreeMap<>();

    public void add(Beat beat) {
        byBeat.put(beat.beat(), beat);
    }

    /** A beat that was added, and that no call of {@link #forgetBefore} covered. */
    public Beat at(long beat) {
        Beat found = byBeat.get(beat);
        if (found == null) {
            throw new IllegalStateException("beat " + beat + " is not known, or forgotten");
        }
        return found;
    }

    /** Nothing is open since an earlier beat than this, so nobody will ask for one. */
    public void forgetBefore(long beat) {
        byBeat.headMap(beat).clear();
    }
}
