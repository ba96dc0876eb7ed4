package dev.tidemark.restorer.proof;

import dev.tidemark.rdb.TypeName;
import dev.tidemark.restorer.proof.DumpReader.Unknown;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What DUMP gives: a type, the value in the encoding of the server that wrote it, two bytes of version and eight of a
 * checksum.
 *
 * <p>Two servers dump equal values differently: a set comes in the order of a hash table with a seed of its own, and when
 * a list or a sorted set changes from one encoding to another is a matter of configuration. So sets, lists, sorted sets
 * and hashes are taken apart; of what is left, streams above all, payloads of one version are compared byte by byte, but for
 * vector sets.
 */
public final class DumpPayload {
    private static final int VERSION_BYTES = 2;
    private static final int FOOTER_BYTES = VERSION_BYTES + 8;

    private static final int BYTE_VALUES = 256;

    private static final int STRING = 0;
    private static final int SET = 2;
    private static final int HASH = 4;
    private static final int SORTED_SET = 5;
    private static final int SET_OF_INTEGERS = 11;
    private static final int SORTED_SET_ZIPLIST = 12;
    private static final int HASH_ZIPLIST = 13;
    private static final int LIST_OF_ZIPLISTS = 14;
    private static final int HASH_LISTPACK = 16;
    private static final int SORTED_SET_LISTPACK = 17;
    private static final int LIST = 18;
    private static final int SET_LISTPACK = 20;
    private static final int HASH_EXPIRING = 24;
    private static final int HASH_LISTPACK_EXPIRING = 25;
    private static final int PLAIN_NODE = 1;

    private DumpPayload() {}

    /**
     * A payload as far as it can be compared.
     *
     * @param parts what two payloads of equal values have in common, if it was taken apart
     * @param diesAtMillis when the key goes with the last of its fields, if all of them expire
     */
    record Content(boolean isTakenApart, List<Bytes> parts, OptionalLong diesAtMillis) {
        Content {
            parts = List.copyOf(Objects.requireNonNull(parts, "parts"));
        }
    }

    /** The version in the footer, or -1 if there is no room for one. */
    public static int version(Bytes dump) {
        if (dump.length() < FOOTER_BYTES) {
            return -1;
        }
        int at = dump.length() - FOOTER_BYTES;
        return (dump.at(at) & 0xff) | ((dump.at(at + 1) & 0xff) << 8);
    }

    /**
     * A hash that is told field by field elsewhere.
     *
     * @param begun a payload without its footer
     */
    public static Optional<Hash> hash(Bytes begun) {
        try {
            DumpReader in = new DumpReader(begun, 0);
            int encoding = in.octet();
            if (encoding == HASH || encoding == HASH_ZIPLIST || encoding == HASH_LISTPACK) {
                List<Bytes> pairs = pairs(in, encoding);
                in.requireEnd();
                List<Field> fields = new ArrayList<>(pairs.size() / 2);
                for (int i = 0; i < pairs.size(); i += 2) {
                    fields.add(new Field(pairs.get(i), pairs.get(i + 1)));
                }
                return Optional.of(new Hash(fields));
            }
        } catch (Unknown | BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException opaque) {
            // As it was dumped then; whoever restores it says what is wrong with it.
        }
        return Optional.empty();
    }

    private static List<Bytes> pairs(DumpReader in, int encoding) throws Unknown {
        if (encoding == HASH) {
            return strings(in, 2);
        }
        return encoding == HASH_ZIPLIST
                ? PackedElements.ofZiplist(in.string())
                : PackedElements.ofListpack(in.string());
    }

    /** Whether it is a hash of which a field may expire. */
    public static boolean fieldsExpire(Bytes dump) {
        int type = dump.length() > FOOTER_BYTES ? dump.at(0) : -1;
        return type == HASH_EXPIRING || type == HASH_LISTPACK_EXPIRING;
    }

    /** The string that a payload of that type holds. */
    public static Bytes string(Bytes dump) {
        try {
            DumpReader in = new DumpReader(dump, FOOTER_BYTES);
            if (in.octet() != STRING) {
                throw new Unknown("something that is no string");
            }
            Bytes string = in.string();
            in.requireEnd();
            return string;
        } catch (Unknown | BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a dump of a string holds " + e.getMessage(), e);
        }
    }

    /**
     * Takes it apart if that can be done.
     *
     * @param soonMillis fields of a hash that expire before this are left out
     */
    static Content content(Bytes dump, long soonMillis) {
        try {
            DumpReader in = new DumpReader(dump, FOOTER_BYTES);
            int type = in.octet();
            if (type == HASH_EXPIRING || type == HASH_LISTPACK_EXPIRING) {
                return expiring(in, type, soonMillis);
            }
            List<Bytes> parts = parts(in, type);
            if (!parts.isEmpty()) {
                in.requireEnd();
                return new Content(true, parts, OptionalLong.empty());
            }
        } catch (Unknown | BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException opaque) {
            // Not taken apart then.
        }
        return new Content(false, List.of(), OptionalLong.empty());
    }

    private static Content expiring(DumpReader in, int type, long soonMillis) throws Unknown {
        ExpiringFields fields = type == HASH_EXPIRING ? ExpiringFields.ofTable(in) : ExpiringFields.ofListpack(in);
        in.requireEnd();
        return new Content(true, fields.parts(soonMillis), fields.diesAtMillis());
    }

    /** Nothing for a type that is not taken apart. */
    private static List<Bytes> parts(DumpReader in, int type) throws Unknown {
        return switch (type) {
            case SET -> sorted(strings(in, 1), 1);
            case SET_OF_INTEGERS -> sorted(PackedElements.ofIntegers(in.string()), 1);
            case SET_LISTPACK -> sorted(PackedElements.ofListpack(in.string()), 1);
            case HASH, HASH_ZIPLIST, HASH_LISTPACK -> sorted(pairs(in, type), 2);
            case SORTED_SET -> sorted(scored(in), 2);
            case SORTED_SET_ZIPLIST -> sorted(scored(PackedElements.ofZiplist(in.string())), 2);
            case SORTED_SET_LISTPACK -> sorted(scored(PackedElements.ofListpack(in.string())), 2);
            case LIST -> list(in);
            case LIST_OF_ZIPLISTS -> zipped(in);
            default -> List.of();
        };
    }

    /**
     * What two payloads of one version have in common if their values are equal: all but the footer. A vector set comes back
     * with its elements in another order, and only its own module can tell where one ends; so of it, how often each byte occurs.
     */
    static Bytes comparable(String type, Bytes dump) {
        byte[] body = Arrays.copyOf(dump.array(), Math.max(0, dump.length() - FOOTER_BYTES));
        return Bytes.wrap(type.equals(TypeName.VECTOR_SET) ? occurrences(body) : body);
    }

    private static byte[] occurrences(byte[] bytes) {
        ByteBuffer counts = ByteBuffer.allocate(BYTE_VALUES * Integer.BYTES);
        for (byte each : bytes) {
            int at = (each & 0xff) * Integer.BYTES;
            counts.putInt(at, counts.getInt(at) + 1);
        }
        return counts.array();
    }

    private static List<Bytes> strings(DumpReader in, int each) throws Unknown {
        int count = in.count();
        List<Bytes> strings = new ArrayList<>();
        for (long i = 0; i < (long) count * each; i++) {
            strings.add(in.string());
        }
        return strings;
    }

    private static List<Bytes> scored(DumpReader in) throws Unknown {
        int count = in.count();
        List<Bytes> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairs.add(in.string());
            pairs.add(bits(in.score()));
        }
        return pairs;
    }

    private static List<Bytes> scored(List<Bytes> elements) throws Unknown {
        List<Bytes> pairs = new ArrayList<>();
        for (int i = 0; i < elements.size(); i += 2) {
            pairs.add(elements.get(i));
            String score = elements.get(i + 1).asUtf8().orElseThrow(() -> new Unknown("a score that is no number"));
            pairs.add(bits(
                    switch (score) {
                        case "inf" -> Double.POSITIVE_INFINITY;
                        case "-inf" -> Double.NEGATIVE_INFINITY;
                        default -> Double.parseDouble(score);
                    }));
        }
        return pairs;
    }

    private static Bytes bits(double score) {
        // Zero has a sign that one of the encodings does not keep.
        double positive = score == 0 ? 0 : score;
        return Bytes.wrap(ByteBuffer.allocate(Double.BYTES).putDouble(positive).array());
    }

    private static List<Bytes> list(DumpReader in) throws Unknown {
        int nodes = in.count();
        List<Bytes> elements = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            boolean plain = in.count() == PLAIN_NODE;
            Bytes node = in.string();
            if (plain) {
                elements.add(node);
            } else {
                elements.addAll(PackedElements.ofListpack(node));
            }
        }
        return elements;
    }

    private static List<Bytes> zipped(DumpReader in) throws Unknown {
        int nodes = in.count();
        List<Bytes> elements = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            elements.addAll(PackedElements.ofZiplist(in.string()));
        }
        return elements;
    }

    /** By the first of every so many. */
    private static List<Bytes> sorted(List<Bytes> elements, int each) {
        List<List<Bytes>> groups = new ArrayList<>();
        for (int i = 0; i < elements.size(); i += each) {
            groups.add(elements.subList(i, i + each));
        }
        groups.sort(Comparator.comparing(group -> group.get(0)));
        List<Bytes> sorted = new ArrayList<>(elements.size());
        groups.forEach(sorted::addAll);
        return sorted;
    }
}
