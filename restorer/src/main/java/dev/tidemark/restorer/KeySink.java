package dev.tidemark.restorer;

import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;

/** Where a restore's keys go, each once, in no order. */
interface KeySink {
    /** Takes a key that is to be there, and gives its value as the proof can account for it. */
    Value write(Change change) throws InterruptedException;

    /** Returns when all that was taken is where it should be, as far as can be known from here. */
    void finish() throws InterruptedException;

    /** Taken so far. */
    long keys();

    long bytes();
}
