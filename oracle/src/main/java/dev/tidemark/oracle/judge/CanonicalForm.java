package dev.tidemark.oracle.judge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns a value into its digest, so that two servers that hold the same logical value give the same one whatever
 * their encodings: sets and hashes are sorted, scores are numbers, every item carries its length.
 */
public final class CanonicalForm {
    private static final Comparator<byte[]> UNSIGNED = Arrays::compareUnsigned;

    private final ValueType type;
    private final MessageDigest digest = sha256();
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    private CanonicalForm(ValueType type) {
        this.type = type;
        digest.update(type.name().getBytes(StandardCharsets.US_ASCII));
    }

    public static KeyState string(byte[] value) {
        return new CanonicalForm(ValueType.STRING).item(value).state();
    }

    /** Field, value, field, value, in any order of the fields. */
    public static KeyState hash(List<byte[]> fieldsAndValues) {
        return new CanonicalForm(ValueType.HASH).pairs(fieldsAndValues).state();
    }

    /** The same, and the fields that expire with the times when they do. */
    public static KeyState hash(List<byte[]> fieldsAndValues, Map<String, Long> expiries) {
        CanonicalForm form = new CanonicalForm(ValueType.HASH).pairs(fieldsAndValues);
        new TreeMap<>(expiries).forEach((field, millis) -> form.item(field.getBytes(StandardCharsets.UTF_8))
                .number(millis));
        return form.state();
    }

    /** What is told of its elements, each in its place. */
    public static KeyState vectorSet(List<byte[]> told) {
        return new CanonicalForm(ValueType.VECTOR_SET).items(told).state();
    }

    public static KeyState list(List<byte[]> elements) {
        return new CanonicalForm(ValueType.LIST).items(elements).state();
    }

    public static KeyState set(List<byte[]> members) {
        List<byte[]> sorted = members.stream().sorted(UNSIGNED).toList();
        return new CanonicalForm(ValueType.SET).items(sorted).state();
    }

    /** Members and scores in Redis' order, which is total: by score, then by member. */
    public static KeyState sortedSet(List<byte[]> members, List<Double> scores) {
        CanonicalForm form = new CanonicalForm(ValueType.ZSET).items(members);
        // Adding zero turns -0 into 0: a listpack cannot hold -0, so Redis itself loses it when it converts one.
        scores.forEach(score -> form.number(Double.doubleToRawLongBits(score + 0.0)));
        return form.state();
    }

    /** Each entry as its id followed by its fields and values; an empty stream is its last id alone. */
    public static KeyState stream(byte[] lastGeneratedId, List<List<byte[]>> entries) {
        CanonicalForm form = new CanonicalForm(ValueType.STREAM).item(lastGeneratedId);
        form.number(entries.size());
        entries.forEach(form::items);
        return form.state();
    }

    /** A value without a logical reading, by its serialized form. */
    public static KeyState opaque(byte[] dumped) {
        return new CanonicalForm(ValueType.OTHER).item(dumped).state();
    }

    private CanonicalForm pairs(List<byte[]> fieldsAndValues) {
        Integer[] order = new Integer[fieldsAndValues.size() / 2];
        Arrays.setAll(order, i -> 2 * i);
        Arrays.sort(order, Comparator.comparing(fieldsAndValues::get, UNSIGNED));
        number(order.length);
        for (int field : order) {
            item(fieldsAndValues.get(field)).item(fieldsAndValues.get(field + 1));
        }
        return this;
    }

    private CanonicalForm items(List<byte[]> items) {
        number(items.size());
        items.forEach(this::item);
        return this;
    }

    private CanonicalForm item(byte[] bytes) {
        number(bytes.length);
        digest.update(bytes);
        return this;
    }

    private CanonicalForm number(long value) {
        digest.update(number.clear().putLong(value).flip());
        return this;
    }

    private KeyState state() {
        ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
        return new KeyState(type, bytes.getLong(), bytes.getLong(), KeyState.NEVER);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException("SHA-256 is missing from this Java", everyJavaHasIt);
        }
    }
}
