package dev.tidemark.capture.proof;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The keys of one shard that were touched since the last tidemark that counts, as one watcher saw them: what it needs to
 * take over.
 *
 * <p>Touches are held in generations. Generation n arrived before barrier n was sent, so the node's state at that barrier
 * includes them: a tidemark that counts and that claims a beat at or behind barrier n covers them all.
 */
final class HeldTouches {
    private static final int NONE = KeyTable.NONE;
    /** The generation and two links. */
    private static final int SLOT_BYTES = 16;

    private KeyTable keys = new KeyTable(0);
    private long[] generations = new long[keys.slots()];
    /** A list in the order of the last touch, which is the order of generations. */
    private int[] older = new int[keys.slots()];

    private int[] newer = new int[keys.slots()];
    private int oldest = NONE;
    private int newest = NONE;

    void touched(KeyRef ref, long generation) {
        int before = keys.size();
        int slot = keys.put(ref);
        if (keys.slots() > generations.length) {
            generations = Arrays.copyOf(generations, keys.slots());
            older = Arrays.copyOf(older, keys.slots());
            newer = Arrays.copyOf(newer, keys.slots());
        }
        if (keys.size() == before) {
            unlink(slot);
        }
        generations[slot] = generation;
        linkNewest(slot);
    }

    void dropThrough(long generation) {
        while (oldest != NONE && generations[oldest] <= generation) {
            int slot = oldest;
            unlink(slot);
            keys.remove(slot);
        }
        if (keys.isSparse()) {
            shrink();
        }
    }

    void forEach(Consumer<KeyRef> taker) {
        for (int slot = oldest; slot != NONE; slot = newer[slot]) {
            taker.accept(keys.ref(slot));
        }
    }

    int size() {
        return keys.size();
    }

    /** Memory for all of this. */
    long bytes() {
        return keys.bytes() + (long) SLOT_BYTES * generations.length;
    }

    /** A burst is over: what it took is given back. */
    private void shrink() {
        KeyTable from = keys;
        long[] fromGenerations = generations;
        int[] fromNewer = newer;
        int next = oldest;
        keys = new KeyTable(2 * from.size());
        generations = new long[keys.slots()];
        older = new int[keys.slots()];
        newer = new int[keys.slots()];
        oldest = NONE;
        newest = NONE;
        for (; next != NONE; next = fromNewer[next]) {
            touched(from.ref(next), fromGenerations[next]);
        }
    }

    private void linkNewest(int slot) {
        older[slot] = newest;
        newer[slot] = NONE;
        if (newest == NONE) {
            oldest = slot;
        } else {
            newer[newest] = slot;
        }
        newest = slot;
    }

    private void unlink(int slot) {
        if (older[slot] == NONE) {
            oldest = newer[slot];
        } else {
            newer[older[slot]] = newer[slot];
        }
        if (newer[slot] == NONE) {
            newest = older[slot];
        } else {
            older[newer[slot]] = older[slot];
        }
    }
}
