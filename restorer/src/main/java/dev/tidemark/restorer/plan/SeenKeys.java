package dev.tidemark.restorer.plan;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The keys that are settled already, as 128 bits of their SHA-256: two keys that agree in all of them are rarer than a
 * disk that lies. Open addressing in one array, 16 bytes a slot, at most three quarters full.
 */
public final class SeenKeys {
    private static final int SLOTS_FIRST = 1 << 10;

    private final long keysMax;
    private final MessageDigest sha256;
    private long[] slots = new long[2 * SLOTS_FIRST];
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

    public SeenKeys(long keysMax) {
        this.keysMax = keysMax;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public long size() {
        return size;
    }

    public boolean contains(KeyName name) {
        digest(name);
        return slots[find()] != 0;
    }

    /** Whether it was not there yet. */
    public boolean add(KeyName name) {
        digest(name);
        int at = find();
        if (slots[at] != 0) {
            return false;
        }
        if (size == keysMax) {
            throw new Full(keysMax);
        }
        put(at);
        size++;
        if (size * 4 > slots.length / 2 * 3L) {
            grow();
        }
        return true;
    }

    /** Forgets every key and keeps the room. */
    public void clear() {
        Arrays.fill(slots, 0);
        size = 0;
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

    private int find() {
        int mask = slots.length / 2 - 1;
        int slot = (int) (low ^ (low >>> 32)) & mask;
        while (slots[2 * slot] != 0 && (slots[2 * slot] != high || slots[2 * slot + 1] != low)) {
            slot = (slot + 1) & mask;
        }
        return 2 * slot;
    }

    private void put(int at) {
        slots[at] = high;
        slots[at + 1] = low;
    }

    private void grow() {
        long[] old = slots;
        if (old.length >= 1 << 30) {
            throw new Full(size);
        }
        slots = new long[2 * old.length];
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != 0) {
                high = old[i];
                low = old[i + 1];
                put(find());
            }
        }
    }
}
