package dev.tidemark.capture;

import dev.tidemark.schemas.log.Value;

/**
 * Memory for values that were read and are not in the log yet. At the bound readers stop reading from their sockets, so that
 * it is passed by one value a connection at most, however large the values are that come. Safe for use by many threads.
 */
final class ValuesInFlight {
    /** A field's objects beside its bytes. */
    private static final int FIELD_OVERHEAD_BYTES = 112;

    private final long bytesMax;
    private long bytes;

    ValuesInFlight(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    static long sizeOf(Value value) {
        long fields = value instanceof Value.Hash hash ? hash.fields().size() : 1;
        return value.sizeBytes() + fields * FIELD_OVERHEAD_BYTES;
    }

    synchronized void took(Value value) {
        bytes += sizeOf(value);
    }

    synchronized void released(long size) {
        bytes -= size;
        notifyAll();
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized boolean isFull() {
        return bytes >= bytesMax;
    }

    synchronized void awaitRoom() throws InterruptedException {
        while (isFull()) {
            wait();
        }
    }
}
