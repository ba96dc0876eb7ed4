package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyHistory;
import dev.tidemark.oracle.judge.ValueType;

/** A key that one thread alone writes, and what that thread remembers of it. */
final class OwnKey {
    /** What a string or a hash was last written as, so that INCR mostly meets a number and PFADD a sketch. */
    enum Flavour {
        NONE,
        COUNTER,
        FLOAT,
        SKETCH,
        CHUNK
    }

    private final Key key;
    private final KeyHistory history;
    private final int index;
    private ValueType type = ValueType.ABSENT;
    private int poolPosition;
    private boolean inFlight;
    private Flavour flavour = Flavour.NONE;
    private long lastStreamId;

    OwnKey(Key key, KeyHistory history, int index) {
        this.key = key;
        this.history = history;
        this.index = index;
    }

    Key key() {
        return key;
    }

    KeyHistory history() {
        return history;
    }

    /** Its number among the keys of its thread. */
    int index() {
        return index;
    }

    /** The type it held when it was last observed; it may have expired since. */
    ValueType type() {
        return type;
    }

    int poolPosition() {
        return poolPosition;
    }

    void movedTo(ValueType newType, int newPoolPosition) {
        type = newType;
        poolPosition = newPoolPosition;
    }

    boolean inFlight() {
        return inFlight;
    }

    void inFlight(boolean now) {
        inFlight = now;
    }

    Flavour flavour() {
        return flavour;
    }

    void flavour(Flavour now) {
        flavour = now;
    }

    long lastStreamId() {
        return lastStreamId;
    }

    void lastStreamId(long now) {
        lastStreamId = now;
    }

    @Override
    public String toString() {
        return key.toString();
    }
}
