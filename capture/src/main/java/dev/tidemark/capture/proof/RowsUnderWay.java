package dev.tidemark.capture.proof;

/**
 * Rows for which no key is open, on their way to the log: nothing else would keep a claim from overtaking them, and then they
 * would stand behind it and be dated before it.
 */
final class RowsUnderWay {
    private int rows;
    private long claimableMicros = Long.MAX_VALUE;

    /** One more, which is dated so or later. They are sent in the order of their dates. */
    void sent(long micros) {
        if (rows++ == 0) {
            claimableMicros = micros;
        }
    }

    void landed() {
        if (--rows == 0) {
            claimableMicros = Long.MAX_VALUE;
        }
    }

    /** No later time is claimed as long as they are under way. */
    long claimableMicros() {
        return claimableMicros;
    }
}
