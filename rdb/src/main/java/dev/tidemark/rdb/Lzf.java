package dev.tidemark.rdb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The compression of strings in RDB files and DUMP payloads: literals, and references to what came before. */
public final class Lzf {
    private static final int LITERALS_BELOW = 32;
    private static final int STEP = 8;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private Lzf() {}

    /**
     * Takes the bytes [from, from + packedLength) apart.
     *
     * @throws IllegalArgumentException when they do not become so many bytes
     */
    public static byte[] decompressed(byte[] packed, int from, int packedLength, int plainLength) {
        byte[] plain = new byte[plainLength];
        int end = from + packedLength;
        int at = from;
        int to = 0;
        try {
            while (at < end) {
                int control = packed[at++] & 0xff;
                if (control < LITERALS_BELOW) {
                    int run = control + 1;
                    copy(packed, at, plain, to, run);
                    at += run;
                    to += run;
                    continue;
                }
                int run = (control >>> 5) + 2;
                if (control >>> 5 == 7) {
                    run += packed[at++] & 0xff;
                }
                int back = to - ((control & 0x1f) << 8) - (packed[at++] & 0xff) - 1;
                if (to - back >= STEP) {
                    copy(plain, back, plain, to, run);
                } else {
                    for (int i = 0; i < run; i++) {
                        // One by one: the reference overlaps what it writes.
                        plain[to + i] = plain[back + i];
                    }
                }
                to += run;
            }
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a compressed string that refers to nowhere", e);
        }
        if (at != end || to != plainLength) {
            throw new IllegalArgumentException("a compressed string of another length than it says");
        }
        return plain;
    }

    /** Runs are short: eight bytes at a time, and beyond their end where there is room, which what follows writes over. */
    private static void copy(byte[] source, int from, byte[] into, int to, int length) {
        if (from + length + STEP > source.length || to + length + STEP > into.length) {
            for (int i = 0; i < length; i++) {
                into[to + i] = source[from + i];
            }
            return;
        }
        for (int i = 0; i < length; i += STEP) {
            LONGS.set(into, to + i, (long) LONGS.get(source, from + i));
        }
    }
}
