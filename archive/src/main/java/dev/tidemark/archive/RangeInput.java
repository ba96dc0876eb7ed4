package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.InputStream;

/** A part of an object as a stream, of which one range is in memory. */
final class RangeInput extends InputStream {
    private static final int RANGE_BYTES = 4 << 20;

    private final ObjectStore store;
    private final String key;
    private final long to;
    private long next;
    private byte[] range = new byte[0];
    private int at;

    RangeInput(ObjectStore store, String key, long from, long to) {
        this.store = store;
        this.key = key;
        this.next = from;
        this.to = to;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) {
        if (length == 0) {
            return 0;
        }
        if (at == range.length && !isFetched()) {
            return -1;
        }
        int read = Math.min(length, range.length - at);
        System.arraycopy(range, at, bytes, from, read);
        at += read;
        return read;
    }

    private boolean isFetched() {
        if (next >= to) {
            return false;
        }
        int length = (int) Math.min(RANGE_BYTES, to - next);
        range = store.getRange(key, next, length).orElseGet(() -> new byte[0]);
        if (range.length < length) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "%s is gone, or ends before byte %d. What else the archive holds is not affected; put back an earlier version of this object"
                            .formatted(store.uri(key), to));
        }
        at = 0;
        next += length;
        return true;
    }
}
