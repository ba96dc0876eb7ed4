package dev.tidemark.restorer.proof;

import dev.tidemark.rdb.Lzf;
import dev.tidemark.schemas.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the lengths and strings of Redis's RDB encoding from a DUMP payload. */
final class DumpReader {
    private static final int INT_8 = 0;
    private static final int INT_16 = 1;
    private static final int INT_32 = 2;
    private static final int LZF = 3;

    private final ByteBuffer in;

    /** Whatever it is, it is not what Redis writes, or not what a Redis that we know writes. */
    static final class Unknown extends Exception {
        private static final long serialVersionUID = 1;

        Unknown(String what) {
            super(what);
        }
    }

    /** @param footerBytes at the end that are not part of the value */
    DumpReader(Bytes dump, int footerBytes) {
        in = ByteBuffer.wrap(dump.array(), 0, dump.length() - footerBytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    boolean hasMore() {
        return in.hasRemaining();
    }

    int octet() {
        return in.get() & 0xff;
    }

    double score() {
        return in.getDouble();
    }

    /** A time, in eight bytes. */
    long millis() {
        return in.getLong();
    }

    /** A number of things that follow. */
    int count() throws Unknown {
        long count = number();
        if (count > Integer.MAX_VALUE) {
            throw new Unknown("a length of " + count);
        }
        return (int) count;
    }

    /** A number in as many bytes as it needs. */
    long number() throws Unknown {
        int first = octet();
        if (first >>> 6 == 3) {
            throw new Unknown("a length with encoding " + first);
        }
        return length(first);
    }

    Bytes string() throws Unknown {
        int first = octet();
        if (first >>> 6 != 3) {
            return bytes((int) Math.min(Integer.MAX_VALUE, length(first)));
        }
        return switch (first & 0x3f) {
            case INT_8 -> decimal(in.get());
            case INT_16 -> decimal(in.getShort());
            case INT_32 -> decimal(in.getInt());
            case LZF -> {
                int packed = count();
                int plain = count();
                yield decompressed(packed, plain);
            }
            default -> throw new Unknown("a string with encoding " + first);
        };
    }

    void requireEnd() throws Unknown {
        if (in.hasRemaining()) {
            throw new Unknown(in.remaining() + " bytes after the value");
        }
    }

    static Bytes decimal(long number) {
        return Bytes.utf8(Long.toString(number));
    }

    private long length(int first) throws Unknown {
        long length =
                switch (first >>> 6) {
                    case 0 -> first & 0x3f;
                    case 1 -> ((first & 0x3f) << 8) | octet();
                    default ->
                        first == 0x80
                                ? Integer.toUnsignedLong(Integer.reverseBytes(in.getInt()))
                                : Long.reverseBytes(in.getLong());
                };
        if (length < 0) {
            throw new Unknown("a length of " + length);
        }
        return length;
    }

    private Bytes bytes(int length) throws Unknown {
        requireThere(length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Bytes.wrap(bytes);
    }

    /** Without a copy of what is packed. */
    private Bytes decompressed(int packed, int plain) throws Unknown {
        requireThere(packed);
        try {
            byte[] string = Lzf.decompressed(in.array(), in.arrayOffset() + in.position(), packed, plain);
            in.position(in.position() + packed);
            return Bytes.wrap(string);
        } catch (IllegalArgumentException e) {
            throw new Unknown(e.getMessage());
        }
    }

    private void requireThere(int length) throws Unknown {
        if (length > in.remaining()) {
            throw new Unknown("a string that is longer than the payload");
        }
    }
}
