package dev.tidemark.capture;

import dev.tidemark.capture.proof.Signal;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Tidemark.Beat;
import java.util.List;
import java.util.function.IntPredicate;

/** The connections of one watch, whatever tells it that keys may have changed. */
interface SignalLink extends AutoCloseable {
    /** Where the signals go. Called on any thread, in the order of arrival on each connection. */
    interface Listener extends BeatLine.Listener {
        /**
         * Keys may have changed.
         *
         * @param db -1 where the signal does not say
         */
        void touched(int db, List<Bytes> keys, String event);

        void canarySeen(Signal signal);

        /** The server says that everything may have changed. */
        void allTouched();

        void ponged(Signal signal);

        /** Notifications come in no more, until {@link #listenAgain} has made good for it. */
        void notificationsLost();

        /** What no tidemark covers has been handed over since this beat, by the time the first barrier completes. */
        void inherited(Beat from);

        /** A barrier takes its time, and not because nobody answers. */
        void working();

        /** Keys may have changed without a signal. */
        void bypassed(String how);
    }

    /** Whether nothing broke between connecting and now. */
    boolean alive();

    String runId();

    int version();

    /** Does what is due. */
    default void tick() {}

    /** Begins barrier n. */
    void beat(long n);

    /** Asks each signal connection for the proof that everything sent before has arrived. */
    void pingAll();

    /** The barrier of this beat is complete. */
    default void completed(Beat beat) {}

    /** Mends the notifications; blocks. */
    default void listenAgain() {
        throw new IllegalStateException("nothing is to be mended");
    }

    /**
     * A tidemark of a shard counts and covers this barrier of the watch.
     *
     * @param ours which shards this process writes
     */
    default void counted(int shard, long barrier, IntPredicate ours) {}

    /** An orderly end: the canary goes too. */
    void retire();

    @Override
    void close();
}
