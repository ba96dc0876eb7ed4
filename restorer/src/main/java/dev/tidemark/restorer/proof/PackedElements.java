package dev.tidemark.restorer.proof;

import dev.tidemark.restorer.proof.DumpReader.Unknown;
import dev.tidemark.schemas.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The elements of Redis's compact encodings: listpacks, the ziplists of before Redis 7, and sets of integers. */
final class PackedElements {
    private static final int LISTPACK_HEADER_BYTES = 6;
    private static final int ZIPLIST_HEADER_BYTES = 10;
    private static final int LIST_END = 0xff;
    /** The length of the element before stands in one byte below that, else in four more. */
    private static final int BACK_IN_ONE_BYTE_BELOW = 254;

    private PackedElements() {}

    static List<Bytes> ofListpack(Bytes packed) throws Unknown {
        ByteBuffer in = ByteBuffer.wrap(packed.array()).order(ByteOrder.LITTLE_ENDIAN);
        in.position(LISTPACK_HEADER_BYTES);
        List<Bytes> elements = new ArrayList<>();
        while (true) {
            int start = in.position();
            int first = in.get() & 0xff;
            if (first == LIST_END) {
                return elements;
            }
            elements.add(element(in, first));
            in.position(in.position() + lengthBytes(in.position() - start));
        }
    }

    static List<Bytes> ofZiplist(Bytes packed) throws Unknown {
        ByteBuffer in = ByteBuffer.wrap(packed.array()).order(ByteOrder.LITTLE_ENDIAN);
        in.position(ZIPLIST_HEADER_BYTES);
        List<Bytes> elements = new ArrayList<>();
        for (int back = in.get() & 0xff; back != LIST_END; back = in.get() & 0xff) {
            in.position(in.position() + (back < BACK_IN_ONE_BYTE_BELOW ? 0 : Integer.BYTES));
            elements.add(zipped(in, in.get() & 0xff));
        }
        return elements;
    }

    static List<Bytes> ofIntegers(Bytes packed) throws Unknown {
        ByteBuffer in = ByteBuffer.wrap(packed.array()).order(ByteOrder.LITTLE_ENDIAN);
        int width = in.getInt();
        int count = in.getInt();
        List<Bytes> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(DumpReader.decimal(
                    switch (width) {
                        case 2 -> in.getShort();
                        case 4 -> in.getInt();
                        case 8 -> in.getLong();
                        default -> throw new Unknown("integers of " + width + " bytes");
                    }));
        }
        return elements;
    }

    private static Bytes element(ByteBuffer in, int first) throws Unknown {
        if (first < 0x80) {
            return DumpReader.decimal(first);
        }
        if (first < 0xc0) {
            return bytes(in, first & 0x3f);
        }
        if (first < 0xe0) {
            int number = ((first & 0x1f) << 8) | (in.get() & 0xff);
            return DumpReader.decimal(number >= 1 << 12 ? number - (1 << 13) : number);
        }
        if (first < 0xf0) {
            return bytes(in, ((first & 0x0f) << 8) | (in.get() & 0xff));
        }
        return switch (first) {
            case 0xf0 -> bytes(in, in.getInt());
            case 0xf1 -> DumpReader.decimal(in.getShort());
            case 0xf2 -> DumpReader.decimal((in.get() & 0xff) | ((in.get() & 0xff) << 8) | (in.get() << 16));
            case 0xf3 -> DumpReader.decimal(in.getInt());
            case 0xf4 -> DumpReader.decimal(in.getLong());
            default -> throw new Unknown("an element with encoding " + first);
        };
    }

    /** An element of a ziplist, of which lengths alone begin with their highest byte. */
    private static Bytes zipped(ByteBuffer in, int first) throws Unknown {
        if (first < 0x40) {
            return bytes(in, first);
        }
        if (first < 0x80) {
            return bytes(in, ((first & 0x3f) << 8) | (in.get() & 0xff));
        }
        if (first > 0xf0 && first < 0xfe) {
            return DumpReader.decimal(first - 0xf1);
        }
        return switch (first) {
            case 0x80 -> bytes(in, Integer.reverseBytes(in.getInt()));
            case 0xc0 -> DumpReader.decimal(in.getShort());
            case 0xd0 -> DumpReader.decimal(in.getInt());
            case 0xe0 -> DumpReader.decimal(in.getLong());
            case 0xf0 -> DumpReader.decimal((in.get() & 0xff) | ((in.get() & 0xff) << 8) | (in.get() << 16));
            case 0xfe -> DumpReader.decimal(in.get());
            default -> throw new Unknown("an element with encoding " + first);
        };
    }

    private static Bytes bytes(ByteBuffer in, int length) throws Unknown {
        if (length < 0 || length > in.remaining()) {
            throw new Unknown("an element that is longer than its list");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return Bytes.wrap(bytes);
    }

    /** How many bytes tell the length of an element, for reading backwards. */
    private static int lengthBytes(int length) {
        if (length <= 127) {
            return 1;
        }
        if (length < 16_383) {
            return 2;
        }
        if (length < 2_097_151) {
            return 3;
        }
        return length < 268_435_455 ? 4 : 5;
    }
}
