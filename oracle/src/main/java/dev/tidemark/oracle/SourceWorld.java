package dev.tidemark.oracle;

/** Which process's data the histories are about. Changed only by whoever occupies the gate. */
final class SourceWorld {
    private volatile String runId;
    private volatile long sinceMicros;
    private volatile String gaveUp;

    SourceWorld(String runId, long sinceMicros) {
        this.runId = runId;
        this.sinceMicros = sinceMicros;
    }

    String runId() {
        return runId;
    }

    /** All keys were read by then. */
    long sinceMicros() {
        return sinceMicros;
    }

    void replaced(String newRunId, long micros) {
        runId = newRunId;
        sinceMicros = micros;
        gaveUp = null;
    }

    void gaveUp(String why) {
        gaveUp = why;
    }

    /** Why a thread stopped trying to reach the source; null if none did. */
    String gaveUp() {
        return gaveUp;
    }
}
