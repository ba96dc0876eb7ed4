package dev.tidemark.oracle.judge;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** A key of Redis: bytes with equality, printed escaped, since this is a test tool and must name what is wrong. */
public final class Key implements Comparable<Key> {
    private static final int PRINTED_BYTES_MAX = 64;

    private final byte[] array;
    private final int hash;

    private Key(byte[] array) {
        this.array = array;
        this.hash = Arrays.hashCode(array);
    }

    /** Wraps; the caller gives the array away. */
    public static Key wrap(byte[] array) {
        return new Key(Objects.requireNonNull(array, "array"));
    }

    public static Key utf8(String text) {
        return new Key(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The wrapped array itself; not to be written to. */
    public byte[] array() {
        return array;
    }

    public boolean startsWith(Key prefix) {
        int length = prefix.array.length;
        return array.length >= length && Arrays.equals(array, 0, length, prefix.array, 0, length);
    }

    @Override
    public int compareTo(Key other) {
        return Arrays.compareUnsigned(array, other.array);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < Math.min(array.length, PRINTED_BYTES_MAX); i++) {
            int value = array[i] & 0xff;
            if (value >= 0x20 && value < 0x7f && value != '"' && value != '\\') {
                text.append((char) value);
            } else {
                text.append(String.format("\\x%02x", value));
            }
        }
        text.append('"');
        if (array.length > PRINTED_BYTES_MAX) {
            text.append("... (").append(array.length).append(" bytes)");
        }
        return text.toString();
    }
}
