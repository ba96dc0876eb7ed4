package dev.tidemark.capture.proof;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The open keys of one shard: touched, or being read, or read but not acknowledged by the log.
 *
 * <p>Each remembers the last barrier that was complete when its first unread touch arrived. A barrier can become a tidemark
 * once no key is open since an earlier one. A key has one read under way at most; a touch meanwhile makes it dirty again,
 * and it is read again only after the record of the first read is acknowledged, so that states reach the log in the order
 * in which they were true.
 */
public final class OpenKeys {
    /** Open for nothing: later than every barrier. */
    public static final long NONE = Long.MAX_VALUE;

    /** What a key costs here beside its own bytes, measured roughly: the objects, the map's and the queue's entries. */
    private static final int OVERHEAD_BYTES = 200;

    private static final class Open {
        private final KeyRef ref;
        private long dirtySince = NONE;
        private long readSince = NONE;
        private String event = "";
        private boolean queued;

        private Open(KeyRef ref) {
            this.ref = ref;
        }
    }

    /** A read to be sent: the key, the barrier its first unread touch came after, and the last event seen. */
    public record Read(KeyRef ref, long since, String event) {}

    private final Map<KeyRef, Open> keys = new HashMap<>();
    private final Deque<Open> readable = new ArrayDeque<>();
    private final TreeMap<Long, int[]> openSince = new TreeMap<>();
    private long bytes;

    /**
     * A touch arrived.
     *
     * @param since the last barrier complete by then
     */
    public void touched(KeyRef ref, String event, long since) {
        Open key = keys.computeIfAbsent(ref, this::open);
        if (!event.isEmpty()) {
            key.event = event;
        }
        if (key.dirtySince == NONE) {
            key.dirtySince = since;
            count(since, 1);
            queueIfReadable(key);
        }
    }

    /** Marks every open key dirty, whatever its state: reads under way do not count any more. */
    public void touchAll(long since) {
        for (KeyRef ref : List.copyOf(keys.keySet())) {
            touched(ref, "", since);
        }
    }

    /** The next key to read. Its dirty mark is cleared here, before the read is sent. */
    public Optional<Read> nextToRead() {
        Open key = readable.poll();
        if (key == null) {
            return Optional.empty();
        }
        key.queued = false;
        key.readSince = key.dirtySince;
        key.dirtySince = NONE;
        return Optional.of(new Read(key.ref, key.readSince, key.event));
    }

    /** The record of the key's last read is in the log. */
    public void acknowledged(KeyRef ref) {
        Open key = keys.get(ref);
        count(key.readSince, -1);
        key.readSince = NONE;
        if (key.dirtySince == NONE) {
            keys.remove(ref);
            bytes -= cost(ref);
        } else {
            queueIfReadable(key);
        }
    }

    /** The read, or the writing of its record, came to nothing: the key is as dirty as it was before. */
    public void failed(KeyRef ref) {
        Open key = keys.get(ref);
        if (key.dirtySince == NONE) {
            key.dirtySince = key.readSince;
        } else {
            // Two touches become one, since the earlier.
            count(key.dirtySince, -1);
            key.dirtySince = key.readSince;
        }
        key.readSince = NONE;
        queueIfReadable(key);
    }

    /** Drops every touch not yet read; only a resync makes good for it. */
    public void forgetUnread() {
        readable.clear();
        keys.values().removeIf(key -> {
            if (key.dirtySince != NONE) {
                count(key.dirtySince, -1);
                key.dirtySince = NONE;
            }
            key.queued = false;
            boolean closed = key.readSince == NONE;
            if (closed) {
                bytes -= cost(key.ref);
            }
            return closed;
        });
    }

    /** The barrier since which the oldest key is open; {@link #NONE} if none is. */
    public long oldest() {
        return openSince.isEmpty() ? NONE : openSince.firstKey();
    }

    public int size() {
        return keys.size();
    }

    public boolean anyReadable() {
        return !readable.isEmpty();
    }

    public long bytes() {
        return bytes;
    }

    private Open open(KeyRef ref) {
        bytes += cost(ref);
        return new Open(ref);
    }

    private void queueIfReadable(Open key) {
        if (!key.queued && key.readSince == NONE && key.dirtySince != NONE) {
            key.queued = true;
            readable.add(key);
        }
    }

    private void count(long since, int by) {
        int[] count = openSince.computeIfAbsent(since, absent -> new int[1]);
        count[0] += by;
        if (count[0] == 0) {
            openSince.remove(since);
        }
    }

    private static long cost(KeyRef ref) {
        return OVERHEAD_BYTES + (long) ref.key().length();
    }
}
