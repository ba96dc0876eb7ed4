package dev.tidemark.restorer.proof;

import dev.tidemark.restorer.proof.DumpReader.Unknown;
import dev.tidemark.schemas.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * What DUMP gives: a type, the value in the encoding of the server that wrote it, two bytes of version and eight of a
 * checksum.
 *
 * <p>Two servers dump equal values differently: a set comes in the order of a hash table with a seed of its own, and when
 * a list or a sorted set changes from one encoding to another is a matter of configuration. So sets, lists, sorted sets
 * and hashes are taken apart; of what is left, streams above all, payloads of one version are compared byte by byte.
 */
public final class DumpPayload {
    private static final int VERSION_BYTES = 2;
    private static final int FOOTER_BYTES = VERSION_BYTES + 8;

    private static final int SET = 2;
    private static final int HASH = 4;
    private static final int SORTED_SET = 5;
    private static final int SET_OF_INTEGERS = 11;
    private static final int HASH_LISTPACK = 16;
    private static final int SORTED_SET_LISTPACK = 17;
    private static final int LIST = 18;
    private static final int SET_LISTPACK = 20;
    private static final int PLAIN_NODE = 1;

    private DumpPayload() {}

    /** @param parts what two payloads of equal values have in common */
    record Content(boolean isComparable, List<Bytes> parts) {
        Content {
            parts = List.copyOf(Objects.requireNonNull(parts, "parts"));
        }
    }

    /** The version in the footer, or -1 if there is no room for one. */
    public static int version(Bytes dump) {
        if (dump.length() <= FOOTER_BYTES) {
            return -1;
        }
        int at = dump.length() - FOOTER_BYTES;
        return (dump.at(at) & 0xff) | ((dump.at(at + 1) & 0xff) << 8);
    }

    static Content content(Bytes dump, int comparableVersion) {
        int version = version(dump);
        if (version < 0) {
            return new Content(false, List.of());
        }
        List<Bytes> parts = takenApart(dump);
        if (!parts.isEmpty()) {
            return new Content(true, parts);
        }
        return version == comparableVersion ? new Content(true, List.of(dump)) : new Content(false, List.of());
    }

    private static List<Bytes> takenApart(Bytes dump) {
        try {
            return parts(new DumpReader(dump, FOOTER_BYTES));
        } catch (Unknown | BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException opaque) {
            return List.of();
        }
    }

    /** Nothing for a type that is not taken apart. */
    private static List<Bytes> parts(DumpReader in) throws Unknown {
        List<Bytes> parts =
                switch (in.octet()) {
                    case SET -> sorted(strings(in, 1), 1);
                    case SET_OF_INTEGERS -> sorted(PackedElements.ofIntegers(in.string()), 1);
                    case SET_LISTPACK -> sorted(PackedElements.ofListpack(in.string()), 1);
                    case HASH -> sorted(strings(in, 2), 2);
                    case HASH_LISTPACK -> sorted(PackedElements.ofListpack(in.string()), 2);
                    case SORTED_SET -> sorted(scored(in), 2);
                    case SORTED_SET_LISTPACK -> sorted(scored(PackedElements.ofListpack(in.string())), 2);
                    case LIST -> list(in);
                    default -> List.of();
                };
        if (!parts.isEmpty()) {
            in.requireEnd();
        }
        return parts;
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
