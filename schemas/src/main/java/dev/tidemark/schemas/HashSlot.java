package dev.tidemark.schemas;

/** Redis Cluster's hash slots: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16384. */
public final class HashSlot {
    /** Slots in a Redis Cluster. */
    public static final int COUNT = 16_384;

    /** Of a byte, of a byte before one more, and so on: four bytes at a time need not wait for each other. */
    private static final int[][] CRC16 = crc16Tables();

    private HashSlot() {}

    /** The slot of a key, as {@code CLUSTER KEYSLOT} tells it. */
    public static int of(Bytes key) {
        int open = indexOf(key, '{', 0);
        if (open >= 0) {
            int close = indexOf(key, '}', open + 1);
            // An empty tag, "{}", is no tag: the whole key is hashed.
            if (close > open + 1) {
                return crc16(key, open + 1, close) % COUNT;
            }
        }
        return crc16(key, 0, key.length()) % COUNT;
    }

    /** A hash tag, without its braces, that puts a key into the slot. */
    public static String tagIn(int slot) {
        for (int i = 0; ; i++) {
            String tag = Integer.toString(i, Character.MAX_RADIX);
            if (of(Bytes.utf8(tag)) == slot) {
                return tag;
            }
        }
    }

    private static int indexOf(Bytes key, char wanted, int from) {
        for (int i = from; i < key.length(); i++) {
            if (key.at(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int crc16(Bytes key, int from, int to) {
        byte[] bytes = key.array();
        int crc = 0;
        int at = from;
        for (; at <= to - 4; at += 4) {
            crc = CRC16[3][(crc >>> 8 ^ bytes[at]) & 0xff]
                    ^ CRC16[2][(crc ^ bytes[at + 1]) & 0xff]
                    ^ CRC16[1][bytes[at + 2] & 0xff]
                    ^ CRC16[0][bytes[at + 3] & 0xff];
        }
        for (; at < to; at++) {
            crc = (crc << 8 ^ CRC16[0][(crc >>> 8 ^ bytes[at]) & 0xff]) & 0xffff;
        }
        return crc;
    }

    private static int[][] crc16Tables() {
        int[][] tables = new int[4][256];
        for (int i = 0; i < 256; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }
            tables[0][i] = crc & 0xffff;
        }
        for (int more = 1; more < tables.length; more++) {
            for (int i = 0; i < 256; i++) {
                int before = tables[more - 1][i];
                tables[more][i] = (before << 8 ^ tables[0][before >>> 8]) & 0xffff;
            }
        }
        return tables;
    }
}
