package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes a hash apart into columns and puts it together again, byte for byte. A field becomes a column only where the column
 * gives its bytes back: text that is well-formed UTF-8, an embedding of whole float32. All else stays among {@code fields}.
 *
 * <p>The column {@code columns} says how: the fields in the order of the hash, {@code column:name} for one that became a
 * column, {@code *n} for the next n of {@code fields}.
 */
final class ChunkColumns {
    private final Map<Bytes, String> columnOfField = new HashMap<>();

    ChunkColumns(ChunkFields fields) {
        put(fields.chunkId(), SegmentSchema.CHUNK_ID);
        put(fields.docId(), SegmentSchema.DOC_ID);
        put(fields.text(), SegmentSchema.TEXT);
        put(fields.embedding(), SegmentSchema.EMBEDDING);
        put(fields.metadata(), SegmentSchema.METADATA);
    }

    private void put(Optional<String> field, String column) {
        field.ifPresent(name -> columnOfField.put(Bytes.utf8(name), column));
    }

    /**
     * A hash as it is written.
     *
     * @param columns how it was taken apart; empty if it was not
     * @param values of the columns
     * @param fields those that are no columns, in order
     */
    record Split(String columns, Map<String, Bytes> values, List<Field> fields) {}

    Split split(Value.Hash hash) {
        StringBuilder columns = new StringBuilder();
        Map<String, Bytes> values = new LinkedHashMap<>();
        List<Field> fields = new ArrayList<>();
        int run = 0;
        for (Field field : hash.fields()) {
            String column = columnOfField.get(field.name());
            if (column == null || !givesBack(column, field.value())) {
                fields.add(field);
                run++;
                continue;
            }
            run = endRun(columns, run);
            separate(columns)
                    .append(column)
                    .append(':')
                    .append(new String(field.name().array(), StandardCharsets.UTF_8));
            values.put(column, field.value());
        }
        if (values.isEmpty()) {
            return new Split("", values, fields);
        }
        endRun(columns, run);
        return new Split(columns.toString(), values, fields);
    }

    private static int endRun(StringBuilder columns, int run) {
        if (run > 0) {
            separate(columns).append('*').append(run);
        }
        return 0;
    }

    private static StringBuilder separate(StringBuilder columns) {
        return columns.length() == 0 ? columns : columns.append(',');
    }

    private static boolean givesBack(String column, Bytes value) {
        if (column.equals(SegmentSchema.EMBEDDING)) {
            return value.length() > 0 && value.length() % Float.BYTES == 0;
        }
        return value.isUtf8();
    }

    /** @throws IllegalArgumentException when the columns do not say a hash */
    static Value.Hash join(String columns, ColumnValues values) {
        List<Field> fields = values.fields();
        List<Field> joined = new ArrayList<>();
        Set<String> used = new HashSet<>();
        int next = 0;
        for (String each : columns.split(",", -1)) {
            if (each.startsWith("*")) {
                int run = Integer.parseInt(each.substring(1));
                if (run < 1 || next + run > fields.size()) {
                    throw new IllegalArgumentException("its columns and fields do not match");
                }
                joined.addAll(fields.subList(next, next + run));
                next += run;
                continue;
            }
            int colon = each.indexOf(':');
            String column = each.substring(0, Math.max(colon, 0));
            if (!SegmentSchema.CHUNK_COLUMNS.contains(column) || !used.add(column)) {
                throw new IllegalArgumentException("no such column of a chunk: " + column);
            }
            joined.add(new Field(Bytes.utf8(each.substring(colon + 1)), values.requireBytes(column)));
        }
        if (next != fields.size()) {
            throw new IllegalArgumentException("it has fields that its columns do not speak of");
        }
        return new Value.Hash(joined);
    }

    static int dims(Bytes embedding) {
        return embedding.length() / Float.BYTES;
    }
}
