package dev.tidemark.rdb;

/** The compression of strings in RDB files: literals, and references to what came before. */
final class Lzf {
    private static final int LITERALS_BELOW = 32;

    private Lzf() {}

    /** @throws IllegalArgumentException when that does not become so many bytes */
    static byte[] decompressed(byte[] packed, int length) {
        byte[] plain = new byte[length];
        int from = 0;
        int to = 0;
        try {
            while (from < packed.length) {
                int control = packed[from++] & 0xff;
                if (control < LITERALS_BELOW) {
                    int run = control + 1;
                    System.arraycopy(packed, from, plain, to, run);
                    from += run;
                    to += run;
                    continue;
                }
                int run = (control >>> 5) + 2;
                if (control >>> 5 == 7) {
                    run += packed[from++] & 0xff;
                }
                int back = to - ((control & 0x1f) << 8) - (packed[from++] & 0xff) - 1;
                for (int i = 0; i < run; i++) {
                    // One by one: the reference may overlap what it writes.
                    plain[to++] = plain[back++];
                }
            }
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a compressed string that refers to nowhere", e);
        }
        if (to != length) {
            throw new IllegalArgumentException("a compressed string of another length than it says");
        }
        return plain;
    }
}
