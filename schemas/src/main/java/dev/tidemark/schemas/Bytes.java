package dev.tidemark.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * Bytes with equality. The array is wrapped, not copied: values are large and pass through many hands, so whoever
 * wraps an array gives it away.
 *
 * <p>{@link #toString()} tells only the length: keys and values of users never reach a log by accident.
 */
public final class Bytes implements Comparable<Bytes> {
    private static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] array;
    private int hash;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** Wraps; the caller gives the array away. */
    public static Bytes wrap(byte[] array) {
        return new Bytes(Objects.requireNonNull(array, "array"));
    }

    /** Copies what remains of the buffer and leaves its position alone. */
    public static Bytes copyOf(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return new Bytes(copy);
    }

    public static Bytes utf8(String text) {
        return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public static Bytes empty() {
        return EMPTY;
    }

    public int length() {
        return array.length;
    }

    public byte at(int index) {
        return array[index];
    }

    /** The wrapped array itself, for libraries that take arrays; not to be written to. */
    public byte[] array() {
        return array;
    }

    public boolean startsWith(Bytes prefix) {
        int length = prefix.array.length;
        return array.length >= length && Arrays.equals(array, 0, length, prefix.array, 0, length);
    }

    /** Whether {@link #asUtf8} gives a text. */
    public boolean isUtf8() {
        int at = 0;
        while (at < array.length && array[at] >= 0) {
            at++;
        }
        return at == array.length || asUtf8().isPresent();
    }

    /** The text, if and only if these bytes are valid UTF-8, so that it can be turned back without loss. */
    public Optional<String> asUtf8() {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(array))
                    .toString());
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        }
    }

    public String toHex() {
        return HexFormat.of().formatHex(array);
    }

    /** Unsigned and lexicographic, the order of Redis, of S3 and of Parquet's binary columns. */
    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(array, other.array);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        if (hash == 0) {
            hash = Arrays.hashCode(array);
        }
        return hash;
    }

    @Override
    public String toString() {
        return "Bytes[" + array.length + "]";
    }
}
