package dev.tidemark.schemas;

/** Redis Cluster's hash slots: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16384. */
public final class HashSlot {
    /** Slots in a Redis Cluster. */
    public static final int COUNT = 16_384;

    private static final int[] CRC16 = crc16Table();

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
        int crc = 0;
        for (int i = from; i < to; i++) {
            crc = ((crc << 8) ^ CRC16[((crc >>> 8) ^ key.at(i)) & 0xff]) & 0xffff;
        }
        return crc;
    }

    private static int[] crc16Table() {
        int[] table = new int[256];
        for (int i = 0; i < 256; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            }
            table[i] = crc & 0xffff;
        }
        return table;
    }
}
