package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The columns of one row that have a value. */
final class ColumnValues {
    private final Map<String, Long> numbers = new HashMap<>();
    private final Map<String, Bytes> binaries = new HashMap<>();
    private List<Value.Field> fields = List.of();

    void set(String column, long value) {
        numbers.put(column, value);
    }

    void set(String column, Bytes value) {
        binaries.put(column, value);
    }

    void setFields(List<Value.Field> found) {
        fields = found;
    }

    OptionalLong number(String column) {
        Long value = numbers.get(column);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    long requireLong(String column) {
        return number(column).orElseThrow(() -> missing(column));
    }

    Optional<String> text(String column) {
        return bytes(column).map(bytes -> new String(bytes.array(), StandardCharsets.UTF_8));
    }

    String requireText(String column) {
        return text(column).orElseThrow(() -> missing(column));
    }

    Optional<Bytes> bytes(String column) {
        return Optional.ofNullable(binaries.get(column));
    }

    Bytes requireBytes(String column) {
        return bytes(column).orElseThrow(() -> missing(column));
    }

    List<Value.Field> fields() {
        return fields;
    }

    private static IllegalArgumentException missing(String column) {
        return new IllegalArgumentException("a row has no " + column);
    }
}
