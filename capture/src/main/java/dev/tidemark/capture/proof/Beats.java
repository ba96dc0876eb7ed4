package dev.tidemark.capture.proof;

import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * The beats of one run of a node, by their place on the one clock that all its watchers share and nobody sets back: the
 * number of commands that the node has processed.
 *
 * <p>A key that cannot be read for days is open since a beat of days ago. All that came since are not kept for it: of those
 * that are no longer among the newest, some remain that lie evenly. For one that does not, the one before it stands: what has
 * been so since a beat was so since the one before, and what is proven up to it is proven up to the one before.
 */
public final class Beats {
    /** Before every beat. */
    public static final long NONE = -1;

    /** An hour of two watches: all that is asked for where nothing is very late. */
    private static final int NEWEST = 8_192;

    private final TreeMap<Long, Beat> byBeat = new TreeMap<>();
    private final int newest;

    public Beats() {
        this(NEWEST);
    }

    /** @param newest how many are kept in any case */
    Beats(int newest) {
        this.newest = newest;
    }

    public void add(Beat beat) {
        byBeat.put(beat.beat(), beat);
        if (byBeat.size() > 2 * newest) {
            thinOut();
        }
    }

    /** A beat that was added, and that no call of {@link #forgetBefore} covered; or the one that stands for it. */
    public Beat at(long beat) {
        Map.Entry<Long, Beat> found = byBeat.floorEntry(beat);
        if (found == null) {
            throw new IllegalStateException("beat " + beat + " is not known, or forgotten");
        }
        return found.getValue();
    }

    /** Nothing is open since an earlier beat than this, so nobody will ask for one. */
    public void forgetBefore(long beat) {
        Long first = byBeat.floorKey(beat);
        if (first != null) {
            byBeat.headMap(first).clear();
        }
    }

    int size() {
        return byBeat.size();
    }

    private void thinOut() {
        long firstOfNewest =
                byBeat.descendingKeySet().stream().skip(newest - 1L).findFirst().orElseThrow();
        long kept = byBeat.firstKey();
        long apart = 2 * (firstOfNewest - kept) / newest;
        Iterator<Long> old =
                byBeat.subMap(kept, false, firstOfNewest, false).keySet().iterator();
        while (old.hasNext()) {
            long beat = old.next();
            if (beat - kept < apart) {
                old.remove();
            } else {
                kept = beat;
            }
        }
    }
}
