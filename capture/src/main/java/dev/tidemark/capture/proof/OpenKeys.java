package dev.tidemark.capture.proof;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The open keys of one shard: touched, or being read, or read but not acknowledged by the log.
 *
 * <p>Each remembers the beat of the last barrier that was complete when its first unread touch arrived. A barrier can become
 * a tidemark once no key is open since an earlier one. A key has one read under way at most; a touch meanwhile makes it dirty again,
 * and it is read again only after the record of the first read is acknowledged, so that states reach the log in the order
 * in which they were true.
 */
public final class OpenKeys {
    /** Open for nothing: later than every barrier. */
    public static final long NONE = Long.MAX_VALUE;

    /** Two beats, the event, the link of the queue. */
    private static final int SLOT_BYTES = 24;

    /** Redis has about a hundred events, and modules add a few. */
    private static final int EVENTS_MAX = 1_000;

    private static final int NO_SLOT = KeyTable.NONE;
    private static final int NOT_QUEUED = -2;

    /** A read to be sent: the key, the beat its first unread touch came after, and the last event seen. */
    public record Read(KeyRef ref, long since, String event) {}

    private KeyTable keys = new KeyTable(0);
    private long[] dirtySince = new long[keys.slots()];
    private long[] readSince = new long[keys.slots()];
    private String[] events = new String[keys.slots()];
    /** Of a key that can be read: the next such key, in the order in which they became so. */
    private int[] nextReadable = new int[keys.slots()];

    private int firstReadable = NO_SLOT;
    private int lastReadable = NO_SLOT;
    private final TreeMap<Long, int[]> openSince = new TreeMap<>();
    /** The count that was changed last, which is mostly the one that changes next. */
    private int[] counted = new int[1];

    private long countedSince = NONE;
    /** Each event's name is here once, not once a key. */
    private final Map<String, String> eventNames = new HashMap<>();

    /**
     * A touch arrived.
     *
     * @param since the beat of the last barrier complete by then
     */
    public void touched(KeyRef ref, String event, long since) {
        int key = open(ref);
        if (!event.isEmpty()) {
            events[key] = eventName(event);
        }
        if (dirtySince[key] == NONE) {
            dirtySince[key] = since;
            count(since, 1);
            queueIfReadable(key);
        }
    }

    /** The next key to read. Its dirty mark is cleared here, before the read is sent. */
    public Optional<Read> nextToRead() {
        int key = firstReadable;
        if (key == NO_SLOT) {
            return Optional.empty();
        }
        firstReadable = nextReadable[key];
        if (firstReadable == NO_SLOT) {
            lastReadable = NO_SLOT;
        }
        nextReadable[key] = NOT_QUEUED;
        readSince[key] = dirtySince[key];
        dirtySince[key] = NONE;
        return Optional.of(new Read(keys.ref(key), readSince[key], events[key]));
    }

    /** The record of the key's last read is in the log. */
    public void acknowledged(KeyRef ref) {
        int key = keys.find(ref);
        count(readSince[key], -1);
        readSince[key] = NONE;
        if (dirtySince[key] == NONE) {
            keys.remove(key);
            if (keys.isSparse()) {
                shrink();
            }
        } else {
            queueIfReadable(key);
        }
    }

    /** The read, or the writing of its record, came to nothing: the key is as dirty as it was before. */
    public void failed(KeyRef ref) {
        int key = keys.find(ref);
        if (dirtySince[key] != NONE) {
            // Two touches become one, since the earlier.
            count(dirtySince[key], -1);
        }
        dirtySince[key] = readSince[key];
        readSince[key] = NONE;
        queueIfReadable(key);
    }

    /** The beat since which the oldest key is open; {@link #NONE} if none is. */
    public long oldest() {
        return openSince.isEmpty() ? NONE : openSince.firstKey();
    }

    public int size() {
        return keys.size();
    }

    public boolean anyReadable() {
        return firstReadable != NO_SLOT;
    }

    /** Memory for all of this. */
    public long bytes() {
        return keys.bytes() + (long) SLOT_BYTES * dirtySince.length;
    }

    private int open(KeyRef ref) {
        int before = keys.size();
        int key = keys.put(ref);
        if (keys.slots() > dirtySince.length) {
            dirtySince = Arrays.copyOf(dirtySince, keys.slots());
            readSince = Arrays.copyOf(readSince, keys.slots());
            events = Arrays.copyOf(events, keys.slots());
            nextReadable = Arrays.copyOf(nextReadable, keys.slots());
        }
        if (keys.size() > before) {
            dirtySince[key] = NONE;
            readSince[key] = NONE;
            events[key] = "";
            nextReadable[key] = NOT_QUEUED;
        }
        return key;
    }

    private void queueIfReadable(int key) {
        if (nextReadable[key] != NOT_QUEUED || readSince[key] != NONE || dirtySince[key] == NONE) {
            return;
        }
        nextReadable[key] = NO_SLOT;
        if (lastReadable == NO_SLOT) {
            firstReadable = key;
        } else {
            nextReadable[lastReadable] = key;
        }
        lastReadable = key;
    }

    /** A burst is over: what it took is given back. */
    private void shrink() {
        OpenKeys small = new OpenKeys();
        // Those that can be read in their order; the others, which are being read, in any.
        for (int key = firstReadable; key != NO_SLOT; key = nextReadable[key]) {
            small.copy(this, key);
        }
        for (int key = 0; key < keys.slots(); key++) {
            if (keys.holds(key) && nextReadable[key] == NOT_QUEUED) {
                small.copy(this, key);
            }
        }
        keys = small.keys;
        dirtySince = small.dirtySince;
        readSince = small.readSince;
        events = small.events;
        nextReadable = small.nextReadable;
        firstReadable = small.firstReadable;
        lastReadable = small.lastReadable;
    }

    private void copy(OpenKeys from, int key) {
        int copy = open(from.keys.ref(key));
        dirtySince[copy] = from.dirtySince[key];
        readSince[copy] = from.readSince[key];
        events[copy] = from.events[key];
        queueIfReadable(copy);
    }

    private String eventName(String event) {
        String known = eventNames.putIfAbsent(event, event);
        if (known == null && eventNames.size() > EVENTS_MAX) {
            eventNames.clear();
        }
        return known == null ? event : known;
    }

    private void count(long since, int by) {
        if (since != countedSince) {
            countedSince = since;
            counted = openSince.computeIfAbsent(since, absent -> new int[1]);
        }
        counted[0] += by;
        if (counted[0] == 0) {
            openSince.remove(since);
            countedSince = NONE;
        }
    }
}
