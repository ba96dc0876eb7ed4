package dev.tidemark.rdb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The CRC-64 of RDB files and DUMP payloads: Jones's polynomial, reflected, from zero. Eight bytes a step, and four
 * stretches beside each other: a step waits for the one before it, and a processor can do more meanwhile.
 */
public final class Crc64 {
    private static final long POLYNOMIAL = 0x95ac9329ac4bc9b5L;
    private static final int STEP = 8;
    private static final int LANE_BYTES = 256;
    private static final int LANES = 4;

    /** Of an octet that so many others follow: eight tables of 256, in one array. */
    private static final long[] FOLLOWED = followed();

    /** The same for each octet of a CRC that a lane's bytes follow. */
    private static final long[] LANE_FOLLOWED = laneFollowed();

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private long value;

    public void update(byte[] bytes, int from, int length) {
        long crc = value;
        int at = from;
        int end = from + length;
        for (; at + LANES * LANE_BYTES <= end; at += LANES * LANE_BYTES) {
            crc = lanes(crc, bytes, at);
        }
        for (; at + STEP <= end; at += STEP) {
            crc = lookUp(FOLLOWED, crc ^ (long) LONGS.get(bytes, at));
        }
        for (; at < end; at++) {
            crc = FOLLOWED[(int) (crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
        }
        value = crc;
    }

    /** Each lane from zero, as if nothing were before it; then each moved to its place. */
    private static long lanes(long before, byte[] bytes, int from) {
        long first = before;
        long second = 0;
        long third = 0;
        long fourth = 0;
        for (int at = from; at < from + LANE_BYTES; at += STEP) {
            first = lookUp(FOLLOWED, first ^ (long) LONGS.get(bytes, at));
            second = lookUp(FOLLOWED, second ^ (long) LONGS.get(bytes, at + LANE_BYTES));
            third = lookUp(FOLLOWED, third ^ (long) LONGS.get(bytes, at + 2 * LANE_BYTES));
            fourth = lookUp(FOLLOWED, fourth ^ (long) LONGS.get(bytes, at + 3 * LANE_BYTES));
        }
        long two = lookUp(LANE_FOLLOWED, first) ^ second;
        long three = lookUp(LANE_FOLLOWED, two) ^ third;
        return lookUp(LANE_FOLLOWED, three) ^ fourth;
    }

    private static long lookUp(long[] tables, long word) {
        return tables[(7 << 8) | ((int) word & 0xff)]
                ^ tables[(6 << 8) | ((int) (word >>> 8) & 0xff)]
                ^ tables[(5 << 8) | ((int) (word >>> 16) & 0xff)]
                ^ tables[(4 << 8) | ((int) (word >>> 24) & 0xff)]
                ^ tables[(3 << 8) | ((int) (word >>> 32) & 0xff)]
                ^ tables[(2 << 8) | ((int) (word >>> 40) & 0xff)]
                ^ tables[(1 << 8) | ((int) (word >>> 48) & 0xff)]
                ^ tables[(int) (word >>> 56)];
    }

    public long value() {
        return value;
    }

    private static long[] followed() {
        long[] tables = new long[STEP << 8];
        for (int octet = 0; octet < 256; octet++) {
            long crc = octet;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
            }
            tables[octet] = crc;
        }
        for (int at = 256; at < tables.length; at++) {
            tables[at] = followedByZero(tables, tables[at - 256]);
        }
        return tables;
    }

    /** A table for each octet of a CRC, that of the last octet first, as {@link #lookUp} wants them. */
    private static long[] laneFollowed() {
        long[] tables = new long[STEP << 8];
        for (int at = 0; at < tables.length; at++) {
            int place = STEP - 1 - (at >>> 8);
            long crc = (long) (at & 0xff) << (8 * place);
            for (int zeros = 0; zeros < LANE_BYTES; zeros++) {
                crc = followedByZero(FOLLOWED, crc);
            }
            tables[at] = crc;
        }
        return tables;
    }

    private static long followedByZero(long[] tables, long crc) {
        return tables[(int) crc & 0xff] ^ (crc >>> 8);
    }
}
