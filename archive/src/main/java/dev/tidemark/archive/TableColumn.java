package dev.tidemark.archive;

import java.util.List;
import java.util.Objects;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/** A column of the archive's files, for whoever makes tables of them. */
public record TableColumn(String name, Kind kind) {
    /** What it holds. */
    public enum Kind {
        TEXT,
        BYTES,
        INTEGER,
        LONG,
        DATE,
        TIME,
        FLOATS,
        FIELDS
    }

    public TableColumn {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
    }

    /** Those of segments and roll-ups. */
    public static List<TableColumn> ofRows() {
        return of(SegmentSchema.ALL);
    }

    /** Those of hour markers, but for {@code dt}, which is in their path too. */
    public static List<TableColumn> ofMarkers() {
        return of(HourMarkerFile.SCHEMA).stream()
                .filter(column -> !column.name().equals(HourMarkerFile.DT))
                .toList();
    }

    private static List<TableColumn> of(MessageType schema) {
        return schema.getFields().stream()
                .map(field -> new TableColumn(field.getName(), kind(field)))
                .toList();
    }

    private static Kind kind(Type field) {
        if (!field.isPrimitive()) {
            return field.getName().equals(SegmentSchema.EMBEDDING) ? Kind.FLOATS : Kind.FIELDS;
        }
        LogicalTypeAnnotation meaning = field.getLogicalTypeAnnotation();
        if (meaning instanceof StringLogicalTypeAnnotation) {
            return Kind.TEXT;
        }
        if (meaning instanceof DateLogicalTypeAnnotation) {
            return Kind.DATE;
        }
        if (meaning instanceof TimestampLogicalTypeAnnotation) {
            return Kind.TIME;
        }
        PrimitiveTypeName stored = field.asPrimitiveType().getPrimitiveTypeName();
        if (stored == PrimitiveTypeName.BINARY) {
            return Kind.BYTES;
        }
        return stored == PrimitiveTypeName.INT32 ? Kind.INTEGER : Kind.LONG;
    }
}
