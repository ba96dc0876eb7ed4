package dev.tidemark.capture.proof;

/** How old changes were at worst when they were read; a claim speaks of those since the claim before the last one. */
final class WorstAge {
    private long sinceLastMicros;
    private long beforeMicros;

    void of(long ageMicros) {
        sinceLastMicros = Math.max(sinceLastMicros, ageMicros);
    }

    /** What the claim states that is made now. */
    long claimedMicros() {
        long worst = Math.max(sinceLastMicros, beforeMicros);
        beforeMicros = sinceLastMicros;
        sinceLastMicros = 0;
        return worst;
    }

    /** What was read so far is older than every time that can be claimed. */
    void forget() {
        sinceLastMicros = 0;
        beforeMicros = 0;
    }
}
