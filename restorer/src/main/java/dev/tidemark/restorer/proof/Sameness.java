package dev.tidemark.restorer.proof;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Whether two values mean the same, however the two servers hold them. */
public enum Sameness {
    SAME,
    DIFFERENT,
    /** They are dumps of two versions that are not taken apart. */
    UNKNOWN;

    private static final Bytes SKETCH = Bytes.utf8("HYLL");
    private static final int SKETCH_CACHE_FROM = 8;
    private static final int SKETCH_CACHE_TO = 16;

    /**
     * Compares two values.
     *
     * @param soonMillis fields of hashes that expire before this are left out on both sides
     */
    public static Sameness of(Value one, Value other, long soonMillis) {
        if (!one.type().equals(other.type())) {
            return DIFFERENT;
        }
        if (one instanceof Text text && other instanceof Text otherText) {
            return of(sameBytes(text.bytes(), otherText.bytes()));
        }
        Optional<List<Bytes>> parts = parts(one, soonMillis);
        Optional<List<Bytes>> otherParts = parts(other, soonMillis);
        if (parts.isPresent() && otherParts.isPresent()) {
            return of(parts.equals(otherParts));
        }
        if (one instanceof Opaque dump && other instanceof Opaque otherDump) {
            return of(dump, otherDump);
        }
        return UNKNOWN;
    }

    private static Sameness of(Opaque one, Opaque other) {
        if (one.dump().equals(other.dump())) {
            return SAME;
        }
        return DumpPayload.version(one.dump()) == DumpPayload.version(other.dump())
                ? of(DumpPayload.comparable(one.type(), one.dump())
                        .equals(DumpPayload.comparable(other.type(), other.dump())))
                : UNKNOWN;
    }

    /** When the key goes with the last of its fields, if all of them expire. */
    public static OptionalLong diesAtMillis(Value value) {
        return value instanceof Opaque opaque
                ? DumpPayload.content(opaque.dump(), Long.MIN_VALUE).diesAtMillis()
                : OptionalLong.empty();
    }

    private static Sameness of(boolean same) {
        return same ? SAME : DIFFERENT;
    }

    /** Of a HyperLogLog without the estimate that PFCOUNT caches in it. */
    private static boolean sameBytes(Bytes one, Bytes other) {
        if (one.length() != other.length()
                || one.length() < SKETCH_CACHE_TO
                || !one.startsWith(SKETCH)
                || !other.startsWith(SKETCH)) {
            return one.equals(other);
        }
        int length = one.length();
        return Arrays.equals(one.array(), 0, SKETCH_CACHE_FROM, other.array(), 0, SKETCH_CACHE_FROM)
                && Arrays.equals(one.array(), SKETCH_CACHE_TO, length, other.array(), SKETCH_CACHE_TO, length);
    }

    private static Optional<List<Bytes>> parts(Value value, long soonMillis) {
        if (value instanceof Hash hash) {
            List<Field> sorted = new ArrayList<>(hash.fields());
            sorted.sort(Comparator.comparing(Field::name));
            List<Bytes> parts = new ArrayList<>();
            for (Field field : sorted) {
                parts.add(field.name());
                parts.add(field.value());
            }
            return Optional.of(parts);
        }
        if (value instanceof Opaque opaque) {
            DumpPayload.Content content = DumpPayload.content(opaque.dump(), soonMillis);
            return content.isTakenApart() ? Optional.of(content.parts()) : Optional.empty();
        }
        return Optional.empty();
    }
}
