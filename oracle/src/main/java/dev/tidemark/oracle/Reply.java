package dev.tidemark.oracle;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A reply of Redis in RESP2. The shape is known to whoever asked, so a reply of another shape is an error. */
sealed interface Reply {

    default byte[] bytes() {
        throw unexpected("bytes");
    }

    default long number() {
        throw unexpected("a number");
    }

    default List<Reply> items() {
        throw unexpected("an array");
    }

    default boolean failed() {
        return false;
    }

    default String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    default List<byte[]> listOfBytes() {
        return items().stream().map(Reply::bytes).toList();
    }

    private IllegalStateException unexpected(String wanted) {
        return new IllegalStateException("Redis answered " + this + " where " + wanted + " was expected");
    }

    /** A bulk or a simple string. */
    final class Text implements Reply {
        private final byte[] bytes;

        Text(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public byte[] bytes() {
            return bytes;
        }

        @Override
        public String toString() {
            return "a string of " + bytes.length + " bytes";
        }
    }

    record Whole(long number) implements Reply {}

    record Items(List<Reply> items) implements Reply {}

    record Nil() implements Reply {}

    record Failure(String message) implements Reply {
        @Override
        public boolean failed() {
            return true;
        }

        /** The error's first word, for counting. */
        String code() {
            int end = message.indexOf(' ');
            return end < 0 ? message : message.substring(0, end);
        }
    }
}
