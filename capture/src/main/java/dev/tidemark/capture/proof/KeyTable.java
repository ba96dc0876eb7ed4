package dev.tidemark.capture.proof;

import dev.tidemark.schemas.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys by the number of a slot. A key keeps its slot until it is removed; then another one gets it. What belongs to a key lies
 * beside, in arrays with as many slots.
 *
 * <p>A million keys may be open at once, and an object and a map's entry for each would cost more than their names: here a
 * key costs its name's array and some 20 bytes.
 */
final class KeyTable {
    static final int NONE = -1;

    private static final int SLOTS_MIN = 16;
    private static final int ARRAY_HEADER_BYTES = 16;
    /** A reference, the hash, the database. */
    private static final int SLOT_BYTES = 12;

    private static final int BUCKET_BYTES = 8;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Of a free slot: null. */
    private byte[][] names;
    /** Of a free slot: the next free one. */
    private int[] hashes;

    private int[] databases;
    /**
     * Open addressing: a hash above, its slot and one below, or 0; a third more than slots, or more. A search that goes past
     * other keys looks at nothing else of theirs: with a million keys each look is a miss of the processor's caches.
     */
    private long[] buckets;

    private int free = NONE;
    private int used;
    private int size;
    private long nameBytes;

    /** @param slots how many keys it takes without growing */
    KeyTable(int slots) {
        int first = Math.max(SLOTS_MIN, slots);
        this.names = new byte[first][];
        this.hashes = new int[first];
        this.databases = new int[first];
        this.buckets = new long[bucketsFor(first)];
    }

    /** The slot of a key, or {@link #NONE}. */
    int find(KeyRef ref) {
        return slotIn(buckets[bucketOf(ref, hash(ref))]);
    }

    /** The slot of a key, which is a new one if the key was not there. */
    int put(KeyRef ref) {
        int hash = hash(ref);
        int bucket = bucketOf(ref, hash);
        if (buckets[bucket] != 0) {
            return slotIn(buckets[bucket]);
        }
        int slot = freeSlot();
        if (slot == NONE) {
            grow();
            slot = used++;
            bucket = bucketOf(ref, hash);
        }
        names[slot] = ref.key().array();
        hashes[slot] = hash;
        databases[slot] = ref.db();
        buckets[bucket] = entry(hash, slot);
        size++;
        nameBytes += bytesOf(names[slot]);
        return slot;
    }

    void remove(int slot) {
        int bucket = home(hashes[slot]);
        while (slotIn(buckets[bucket]) != slot) {
            bucket = next(bucket);
        }
        closeUp(bucket);
        nameBytes -= bytesOf(names[slot]);
        names[slot] = null;
        hashes[slot] = free;
        free = slot;
        size--;
    }

    KeyRef ref(int slot) {
        return new KeyRef(databases[slot], Bytes.wrap(names[slot]));
    }

    boolean holds(int slot) {
        return names[slot] != null;
    }

    int size() {
        return size;
    }

    int slots() {
        return names.length;
    }

    /** Whether so few of the slots are in use that a smaller table should be made. */
    boolean isSparse() {
        return names.length > SLOTS_MIN && size < names.length / 8;
    }

    /** Memory for all of this, whether in use or not. */
    long bytes() {
        return nameBytes + (long) SLOT_BYTES * names.length + (long) BUCKET_BYTES * buckets.length;
    }

    private int freeSlot() {
        if (free != NONE) {
            int slot = free;
            free = hashes[slot];
            return slot;
        }
        return used < names.length ? used++ : NONE;
    }

    private void grow() {
        int slots = Math.addExact(names.length, names.length / 2);
        names = Arrays.copyOf(names, slots);
        hashes = Arrays.copyOf(hashes, slots);
        databases = Arrays.copyOf(databases, slots);
        if (bucketsFor(slots) == buckets.length) {
            return;
        }
        long[] old = buckets;
        buckets = new long[bucketsFor(slots)];
        for (long entry : old) {
            if (entry != 0) {
                int bucket = home(hashIn(entry));
                while (buckets[bucket] != 0) {
                    bucket = next(bucket);
                }
                buckets[bucket] = entry;
            }
        }
    }

    /** The bucket that holds the key, or the free one where it would go. */
    private int bucketOf(KeyRef ref, int hash) {
        int bucket = home(hash);
        while (buckets[bucket] != 0 && !is(buckets[bucket], ref, hash)) {
            bucket = next(bucket);
        }
        return bucket;
    }

    private boolean is(long entry, KeyRef ref, int hash) {
        return hashIn(entry) == hash
                && databases[slotIn(entry)] == ref.db()
                && Arrays.equals(names[slotIn(entry)], ref.key().array());
    }

    private static long entry(int hash, int slot) {
        return (long) hash << Integer.SIZE | (slot + 1);
    }

    private static int hashIn(long entry) {
        return (int) (entry >>> Integer.SIZE);
    }

    /** {@link #NONE} in a free one. */
    private static int slotIn(long entry) {
        return (int) entry - 1;
    }

    /** Frees a bucket. Whoever had to go past it moves up, so that no search ends before it. */
    private void closeUp(int freed) {
        int hole = freed;
        for (int bucket = next(hole); buckets[bucket] != 0; bucket = next(bucket)) {
            int home = home(hashIn(buckets[bucket]));
            boolean homeIsBehindHole =
                    ((bucket - home) & (buckets.length - 1)) >= ((bucket - hole) & (buckets.length - 1));
            if (homeIsBehindHole) {
                buckets[hole] = buckets[bucket];
                hole = bucket;
            }
        }
        buckets[hole] = 0;
    }

    private int home(int hash) {
        return hash & (buckets.length - 1);
    }

    private int next(int bucket) {
        return (bucket + 1) & (buckets.length - 1);
    }

    private static int bucketsFor(int slots) {
        return Integer.highestOneBit(slots + slots / 3) << 1;
    }

    private static long bytesOf(byte[] name) {
        return ARRAY_HEADER_BYTES + ((name.length + 7L) & ~7L);
    }

    /** Eight bytes at a time; names that count upwards in binary digits collide under the hash of {@link Arrays}. */
    private static int hash(KeyRef ref) {
        byte[] name = ref.key().array();
        long hash = 0xcbf29ce484222325L ^ ref.db() ^ ((long) name.length << 32);
        int at = 0;
        for (; at <= name.length - Long.BYTES; at += Long.BYTES) {
            hash = mixed(hash ^ (long) LONGS.get(name, at));
        }
        for (; at < name.length; at++) {
            hash = (hash ^ (name[at] & 0xff)) * 0x100000001b3L;
        }
        return (int) (mixed(hash) >>> 32);
    }

    private static long mixed(long hash) {
        long product = hash * 0x9e3779b97f4a7c15L;
        // A product's upper half knows all bits of its factors, its lower half does not: the next eight bytes need
        // both.
        return product ^ (product >>> 32);
    }
}
