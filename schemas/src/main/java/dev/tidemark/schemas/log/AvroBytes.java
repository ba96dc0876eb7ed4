package dev.tidemark.schemas.log;

import dev.tidemark.schemas.Bytes;
import java.nio.charset.StandardCharsets;

/**
 * Avro's binary encoding of the few kinds of field that a change has, in an array of just the right length: what is written is
 * written twice, first only to be measured. A stream and an encoder cost a lock and several calls a field and a second copy of
 * the value, and changes are written by the hundred thousand a second.
 */
final class AvroBytes {
    private static final byte[] NOWHERE = new byte[0];

    private final byte[] array;
    private final boolean measuring;
    private int length;

    private AvroBytes(byte[] array, boolean measuring) {
        this.array = array;
        this.measuring = measuring;
    }

    /** Only counts. */
    static AvroBytes measure() {
        return new AvroBytes(NOWHERE, true);
    }

    /** Takes what was measured. */
    static AvroBytes of(AvroBytes measured) {
        return new AvroBytes(new byte[measured.length], false);
    }

    /** As it is. */
    void raw(byte[] bytes) {
        if (!measuring) {
            System.arraycopy(bytes, 0, array, length, bytes.length);
        }
        length = Math.addExact(length, bytes.length);
    }

    /** A long, an int, an enum, the branch of a union, or the length of an array's block: zigzag, seven bits at a time. */
    void number(long number) {
        long left = (number << 1) ^ (number >> 63);
        while ((left & ~0x7fL) != 0) {
            put((byte) (left | 0x80));
            left >>>= 7;
        }
        put((byte) left);
    }

    private void put(byte one) {
        if (!measuring) {
            array[length] = one;
        }
        length++;
    }

    void bytes(Bytes bytes) {
        number(bytes.length());
        raw(bytes.array());
    }

    void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        raw(utf8);
    }

    /** All that was written. */
    byte[] array() {
        return array;
    }
}
