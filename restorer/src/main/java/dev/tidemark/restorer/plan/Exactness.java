package dev.tidemark.restorer.plan;

/**
 * How old, at most, a key's state may be in a restore to T: T minus the earliest time at which a change that was read
 * only after T may have happened. Pushes carry no time, so this is all that can be claimed.
 */
public final class Exactness {
    private final long targetMicros;
    private long earliestMicros;

    public Exactness(long targetMicros) {
        this.targetMicros = targetMicros;
        this.earliestMicros = targetMicros;
    }

    /** Takes a change of the range that the restore reads. */
    public void add(long timeMicros, long touchedAfterMicros) {
        if (touchedAfterMicros <= targetMicros && targetMicros < timeMicros) {
            earliestMicros = Math.min(earliestMicros, touchedAfterMicros);
        }
    }

    public long micros() {
        return targetMicros - earliestMicros;
    }
}
