package dev.tidemark.archive.sql;

import java.util.Objects;

/**
 * A statement and what it is for.
 *
 * @param sql without a semicolon
 */
public record SqlStatement(String title, String sql) {
    public SqlStatement {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(sql, "sql");
    }

    /** As a part of a script. */
    public String script() {
        return "-- " + title.replace("\n", "\n-- ") + "\n" + sql + ";\n";
    }
}
