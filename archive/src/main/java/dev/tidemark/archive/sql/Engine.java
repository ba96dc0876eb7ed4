package dev.tidemark.archive.sql;

import dev.tidemark.archive.TableColumn;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Whose SQL it is. */
public enum Engine {
    ATHENA,
    TRINO,
    DUCKDB;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    String typeOf(TableColumn column) {
        return switch (column.kind()) {
            case TEXT -> this == ATHENA ? "string" : "varchar";
            case BYTES -> this == ATHENA ? "binary" : "varbinary";
            case INTEGER -> this == ATHENA ? "int" : "integer";
            case LONG -> "bigint";
            case DATE -> "date";
            case TIME -> "timestamp";
            case FLOATS -> this == ATHENA ? "array<float>" : "array(real)";
            case FIELDS -> this == ATHENA ? "map<binary,binary>" : "map(varbinary, varbinary)";
        };
    }

    public String literal(Instant time) {
        String text = TIME.format(time.atOffset(ZoneOffset.UTC));
        return this == DUCKDB ? "TIMESTAMPTZ '" + text + "+00'" : "TIMESTAMP '" + text + "'";
    }

    /** The time at which the query began, as comparable to the columns: theirs is UTC and says so only to DuckDB. */
    String now() {
        return this == DUCKDB ? "current_timestamp" : "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp)";
    }

    /** As a name: some of ours are words of SQL. */
    static String name(String name) {
        return "\"" + name + "\"";
    }

    static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
