package dev.tidemark.restorer.plan;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The keys that are settled already, as 128 bits of their SHA-256: two keys that agree in all of them are rarer than a
 * disk that lies. Open addressing, 16 bytes a slot, at most three quarters full; in memory first, and in other room beyond
 * that. For any number of threads.
 */
public final class SeenKeys {
    private static final int SLOTS_FIRST = 1 << 10;

    /** Two slots never share a piece's end: both are powers of two. */
    private static final int PIECE_LONGS = 1 << 26;

    private final long keysInMemoryMax;
    private final Room beyond;
    private final MessageDigest sha256;
    private LongBuffer[] pieces = {LongBuffer.allocate(2 * SLOTS_FIRST)};
    private long slots = SLOTS_FIRST;
    private long size;
    private long high;
    private long low;

    /** The bound is reached. What was added so far is still known. */
    public static final class Full extends RuntimeException {
        private static final long serialVersionUID = 1;

        Full(long keysMax) {
            super("more than " + keysMax + " keys");
        }
    }

    /** Where what does not fit in memory is kept; zero everywhere at first. */
    @FunctionalInterface
    public interface Room {
        LongBuffer of(int longs);
    }

    /** So many at most. */
    public SeenKeys(long keysMax) {
        this(keysMax, longs -> {
            throw new Full(keysMax);
        });
    }

    /**
     * Any number.
     *
     * @param beyond room for more than so many
     */
    public SeenKeys(long keysInMemoryMax, Room beyond) {
        this.keysInMemoryMax = keysInMemoryMax;
        this.beyond = beyond;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public synchronized long size() {
        return size;
    }

    public synchronized boolean contains(KeyName name) {
        digest(name);
        return at(find()) != 0;
    }

    /** Whether it was not there yet. */
    public synchronized boolean add(KeyName name) {
        digest(name);
        long slot = find();
        if (at(slot) != 0) {
            return false;
        }
        if ((size + 1) * 4 > slots * 3 || size == keysInMemoryMax) {
            grow();
            slot = find();
        }
        put(slot);
        size++;
        return true;
    }

    private void digest(KeyName name) {
        sha256.update(new byte[] {
            (byte) (name.db() >>> 24), (byte) (name.db() >>> 16), (byte) (name.db() >>> 8), (byte) name.db()
        });
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest(name.key().array()));
        // Zero marks a free slot; one digest in 2^64 loses a bit to that.
        high = Math.max(digest.getLong() & Long.MAX_VALUE, 1);
        low = digest.getLong();
    }

    /** Where it is, or would be. */
    private long find() {
        long mask = slots - 1;
        long slot = (low ^ (low >>> 32)) & mask;
        while (at(slot) != 0 && (at(slot) != high || lowAt(slot) != low)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private long at(long slot) {
        long index = 2 * slot;
        return pieces[(int) (index / PIECE_LONGS)].get((int) (index % PIECE_LONGS));
    }

    private long lowAt(long slot) {
        long index = 2 * slot + 1;
        return pieces[(int) (index / PIECE_LONGS)].get((int) (index % PIECE_LONGS));
    }

    private void put(long slot) {
        long index = 2 * slot;
        LongBuffer piece = pieces[(int) (index / PIECE_LONGS)];
        piece.put((int) (index % PIECE_LONGS), high).put((int) (index % PIECE_LONGS) + 1, low);
    }

    private void grow() {
        long wantedHigh = high;
        long wantedLow = low;
        LongBuffer[] old = pieces;
        pieces = room(4 * slots);
        slots *= 2;
        for (LongBuffer piece : old) {
            for (int i = 0; i < piece.capacity(); i += 2) {
                if (piece.get(i) != 0) {
                    high = piece.get(i);
                    low = piece.get(i + 1);
                    put(find());
                }
            }
        }
        high = wantedHigh;
        low = wantedLow;
    }

    private LongBuffer[] room(long longs) {
        LongBuffer[] room = new LongBuffer[(int) Math.max(1, longs / PIECE_LONGS)];
        for (int i = 0; i < room.length; i++) {
            int length = (int) Math.min(longs, PIECE_LONGS);
            room[i] = size >= keysInMemoryMax ? beyond.of(length) : LongBuffer.allocate(length);
        }
        return room;
    }
}
