package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A part of an object as a stream: one range is in memory, and the next one on its way. */
final class RangeInput extends InputStream {
    private static final int RANGE_BYTES = 4 << 20;

    /** At most one task for each stream that is read. */
    private static final ExecutorService FETCHERS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "range-ahead");
        thread.setDaemon(true);
        return thread;
    });

    private final ObjectStore store;
    private final String key;
    private final long to;
    private long next;
    private Optional<Future<Range>> onItsWay = Optional.empty();
    private Range range = new Range(new byte[0], 0);
    /** Of the range before, to be filled again: a new one for each range would keep the collector at work. */
    private byte[] spare = new byte[0];

    /** So many bytes at the beginning of an array, read one after the other. */
    private static final class Range {
        private final byte[] bytes;
        private final int length;
        private int at;

        Range(byte[] bytes, int length) {
            this.bytes = bytes;
            this.length = length;
        }

        boolean isRead() {
            return at == length;
        }

        int read(byte[] into, int from, int most) {
            int read = Math.min(most, length - at);
            System.arraycopy(bytes, at, into, from, read);
            at += read;
            return read;
        }
    }

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
        if (range.isRead() && !isFetched()) {
            return -1;
        }
        return range.read(bytes, from, length);
    }

    private boolean isFetched() {
        if (onItsWay.isEmpty() && !isAsked()) {
            return false;
        }
        Range before = range;
        range = arrived();
        spare = before.bytes;
        // While this one is read, the next one comes.
        isAsked();
        return true;
    }

    private boolean isAsked() {
        if (next >= to) {
            onItsWay = Optional.empty();
            return false;
        }
        long from = next;
        int length = (int) Math.min(RANGE_BYTES, to - from);
        byte[] into = spare.length >= length ? spare : new byte[length];
        onItsWay = Optional.of(FETCHERS.submit(() -> fetched(from, length, into)));
        next += length;
        return true;
    }

    private Range fetched(long from, int length, byte[] into) {
        int read = store.getRange(key, from, into, length).orElse(0);
        if (read < length) {
            throw new TidemarkError(
                    ExitCode.ARCHIVE_DAMAGED,
                    "%s is gone, or ends before byte %d. What else the archive holds is not affected; put back an earlier version of this object"
                            .formatted(store.uri(key), to));
        }
        return new Range(into, length);
    }

    private Range arrived() {
        try {
            return onItsWay.orElseThrow().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted: cannot read " + store.uri(key), e);
        } catch (ExecutionException e) {
            close();
            if (e.getCause() instanceof TidemarkError failed) {
                throw failed;
            }
            throw new IllegalStateException("cannot read " + store.uri(key), e.getCause());
        }
    }

    /** Nothing is fetched any more: what is given up may still write into its array. */
    @Override
    public void close() {
        onItsWay.ifPresent(fetch -> fetch.cancel(true));
        onItsWay = Optional.empty();
        next = to;
    }
}
