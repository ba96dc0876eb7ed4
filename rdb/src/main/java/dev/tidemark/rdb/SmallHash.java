package dev.tidemark.rdb;

import dev.tidemark.schemas.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of a hash that fits in memory, from the bytes that {@link RdbScanner#copyValue} gave. */
public final class SmallHash {
    private static final int ZIPLIST_HEADER_BYTES = 10;
    private static final int LISTPACK_HEADER_BYTES = 6;
    /** A string may be compressed, hence larger than what stood in the snapshot. */
    private static final int UNPACKED_BYTES_MAX = 1 << 20;

    private static final int PACKED_END = 0xff;
    private static final int BACK_IN_ONE_BYTE_BELOW = 254;

    private SmallHash() {}

    /** Empty if this is no hash, or one whose fields expire. */
    public static Optional<Map<Bytes, Bytes>> fields(RdbType type, byte[] value) throws IOException {
        RdbInput in = new RdbInput(new ByteArrayInputStream(value), 0, false);
        List<Bytes> elements = new ArrayList<>();
        if (type == RdbType.HASH) {
            for (long left = 2 * in.count(); left > 0; left--) {
                elements.add(Bytes.wrap(in.string(UNPACKED_BYTES_MAX)));
            }
        } else if (type == RdbType.HASH_LISTPACK) {
            elements.addAll(listpack(unpacked(in)));
        } else if (type == RdbType.HASH_ZIPLIST) {
            elements.addAll(ziplist(unpacked(in)));
        } else {
            return Optional.empty();
        }
        if (elements.size() % 2 != 0) {
            throw in.damaged("a hash with a field that has no value");
        }
        Map<Bytes, Bytes> fields = new LinkedHashMap<>();
        for (int i = 0; i < elements.size(); i += 2) {
            fields.put(elements.get(i), elements.get(i + 1));
        }
        return Optional.of(fields);
    }

    private static RdbInput unpacked(RdbInput in) throws IOException {
        return new RdbInput(new ByteArrayInputStream(in.string(UNPACKED_BYTES_MAX)), 0, false);
    }

    private static List<Bytes> listpack(RdbInput in) throws IOException {
        in.skip(LISTPACK_HEADER_BYTES);
        List<Bytes> elements = new ArrayList<>();
        for (int first = in.octet(); first != PACKED_END; first = in.octet()) {
            long begin = in.offset() - 1;
            elements.add(listpackElement(in, first));
            in.skip(wayBackBytes(in.offset() - begin));
        }
        return elements;
    }

    /** What leads back over an element: seven bits a byte, and one byte more at the edges, as Redis has it. */
    private static int wayBackBytes(long length) {
        if (length <= 127) {
            return 1;
        }
        return length < 16_383 ? 2 : length < 2_097_151 ? 3 : 4;
    }

    private static Bytes listpackElement(RdbInput in, int first) throws IOException {
        if (first < 0x80) {
            return number(first);
        }
        if (first < 0xc0) {
            return Bytes.wrap(in.bytes(first & 0x3f));
        }
        if (first < 0xe0) {
            // Thirteen bits with a sign.
            return number(((((first & 0x1f) << 8) | in.octet()) << 19) >> 19);
        }
        if (first < 0xf0) {
            return Bytes.wrap(in.bytes(((first & 0x0f) << 8) | in.octet()));
        }
        return switch (first) {
            case 0xf0 -> Bytes.wrap(in.bytes(Math.toIntExact(Math.min(in.littleEndian(4), 1 << 20))));
            case 0xf1 -> number((short) in.littleEndian(2));
            case 0xf2 -> number((in.littleEndian(3) << 40) >> 40);
            case 0xf3 -> number((in.littleEndian(4) << 32) >> 32);
            case 0xf4 -> number(in.littleEndian(8));
            default -> throw in.damaged("a packed element with the unknown encoding " + first);
        };
    }

    private static List<Bytes> ziplist(RdbInput in) throws IOException {
        in.skip(ZIPLIST_HEADER_BYTES);
        List<Bytes> elements = new ArrayList<>();
        for (int back = in.octet(); back != PACKED_END; back = in.octet()) {
            in.skip(back < BACK_IN_ONE_BYTE_BELOW ? 0 : 4);
            elements.add(ziplistElement(in, in.octet()));
        }
        return elements;
    }

    private static Bytes ziplistElement(RdbInput in, int first) throws IOException {
        if (first < 0x40) {
            return Bytes.wrap(in.bytes(first));
        }
        if (first < 0x80) {
            return Bytes.wrap(in.bytes(((first & 0x3f) << 8) | in.octet()));
        }
        if (first > 0xf0 && first < 0xfe) {
            return number(first - 0xf1);
        }
        return switch (first) {
            case 0x80 ->
                Bytes.wrap(in.bytes((int)
                        Math.min(Integer.toUnsignedLong(Integer.reverseBytes((int) in.littleEndian(4))), 1 << 20)));
            case 0xc0 -> number((short) in.littleEndian(2));
            case 0xd0 -> number((in.littleEndian(4) << 32) >> 32);
            case 0xe0 -> number(in.littleEndian(8));
            case 0xf0 -> number((in.littleEndian(3) << 40) >> 40);
            case 0xfe -> number((byte) in.littleEndian(1));
            default -> throw in.damaged("a packed element with the unknown encoding " + first);
        };
    }

    private static Bytes number(long number) {
        return Bytes.utf8(Long.toString(number));
    }
}
