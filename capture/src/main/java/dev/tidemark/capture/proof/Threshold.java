package dev.tidemark.capture.proof;

/**
 * "A barrier that began after this moment": known by its number at first, and by its beat once it has completed, which
 * every watcher of the node understands.
 */
final class Threshold {
    private long barrier;
    private long beat = Beats.NONE;

    private Threshold(long barrier) {
        this.barrier = barrier;
    }

    static Threshold fromNowOn(Coverage feeder) {
        return new Threshold(feeder.begun() + 1);
    }

    /** The watcher broke before such a barrier of its own completed. */
    void goOnWith(Coverage feeder) {
        if (beat == Beats.NONE) {
            barrier = feeder.begun() + 1;
        }
    }

    boolean isPassedBy(long provenBeat, Coverage feeder) {
        if (beat == Beats.NONE) {
            beat = feeder.firstCompleteFrom(barrier);
        }
        return beat != Beats.NONE && provenBeat >= beat;
    }
}
