package dev.tidemark.archive.sql;

import dev.tidemark.archive.TableColumn;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The tables of one source and the view over them.
 *
 * @param name of the view; the tables have it as the beginning of theirs
 * @param location of the source's archive as the engine names it, without '/' at its end
 * @param settle how long before a query a marker must have been stamped to count
 * @param since the first day that is looked for
 */
public record AnalystTables(Engine engine, String name, String location, Duration settle, LocalDate since) {
    private static final String MARKERS = "rolled";

    public AnalystTables {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(settle, "settle");
        Objects.requireNonNull(since, "since");
        if (name.contains("\"") || location.contains("'")) {
            throw new IllegalArgumentException("no table is called " + name + " at " + location);
        }
    }

    /** All of it, in an order in which it can be run. */
    public List<SqlStatement> statements() {
        List<SqlStatement> statements = new ArrayList<>();
        statements.add(rows("segments", "Rows as they arrived: a file every half a minute, kept for restores."));
        statements.add(rows("changes", "Rows of hours that are rolled up: a file an hour and shard, sorted by key."));
        statements.add(markers());
        statements.add(view());
        return statements;
    }

    private String table(String part) {
        return name + "_" + part;
    }

    private SqlStatement rows(String part, String title) {
        List<TableColumn> columns = TableColumn.ofRows();
        return switch (engine) {
            case ATHENA -> new SqlStatement(title, athena(part, columns, true));
            case TRINO -> new SqlStatement(title, trino(part, columns, true));
            case DUCKDB ->
                new SqlStatement(
                        title,
                        "CREATE OR REPLACE VIEW %s AS SELECT * FROM read_parquet(%s, union_by_name = true, hive_partitioning = true, hive_types = {'dt': DATE, 'hr': INTEGER})"
                                .formatted(
                                        Engine.name(table(part)),
                                        Engine.text(location + "/" + part + "/*/*/*.parquet")));
        };
    }

    private SqlStatement markers() {
        String title = "Which hours are rolled up: a row an hour and shard.";
        return switch (engine) {
            case ATHENA -> new SqlStatement(title, athena(MARKERS, TableColumn.ofMarkers(), false));
            case TRINO -> new SqlStatement(title, trino(MARKERS, TableColumn.ofMarkers(), false));
            // Two digits, no more: a store on a folder has a marker under a longer name until it is whole.
            case DUCKDB ->
                new SqlStatement(
                        title
                                + "\nDuckDB refuses a pattern that no file matches: until the first hour has been rolled up, use "
                                + table("segments") + " alone.",
                        "CREATE OR REPLACE VIEW %s AS SELECT * FROM read_parquet(%s, hive_partitioning = false)"
                                .formatted(
                                        Engine.name(table(MARKERS)),
                                        Engine.text(location + "/" + MARKERS + "/dt=*/hr=[0-9][0-9]")));
        };
    }

    /** Hour directories are partitions; the markers of a day lie in the day's directory. */
    private String athena(String part, List<TableColumn> columns, boolean byHour) {
        String lines = columns.stream()
                .map(column -> "  `%s` %s".formatted(column.name(), engine.typeOf(column)))
                .collect(Collectors.joining(",\n"));
        String hours = byHour
                ? ",\n  'projection.hr.type' = 'integer',\n  'projection.hr.range' = '0,23',\n  'projection.hr.digits' = '2'"
                : "";
        return """
                CREATE EXTERNAL TABLE `%s` (
                %s
                )
                PARTITIONED BY (`dt` date%s)
                STORED AS PARQUET
                LOCATION '%s/%s/'
                TBLPROPERTIES (
                  'projection.enabled' = 'true',
                  'projection.dt.type' = 'date',
                  'projection.dt.format' = 'yyyy-MM-dd',
                  'projection.dt.range' = '%s,NOW+1DAYS'%s,
                  'storage.location.template' = '%s')""".formatted(
                table(part), lines, byHour ? ", `hr` int" : "", location, part, since, hours, template(part, byHour));
    }

    private String trino(String part, List<TableColumn> columns, boolean byHour) {
        String lines = columns.stream()
                .map(column -> "  %s %s".formatted(Engine.name(column.name()), engine.typeOf(column)))
                .collect(Collectors.joining(",\n"));
        String hours = byHour
                ? ",\n  hr integer WITH (partition_projection_type = 'INTEGER', partition_projection_range = ARRAY['0', '23'], partition_projection_digits = 2)"
                : "";
        return """
                CREATE TABLE %s (
                %s,
                  dt date WITH (partition_projection_type = 'DATE', partition_projection_format = 'yyyy-MM-dd', partition_projection_range = ARRAY['%s', 'NOW+1DAYS'])%s
                )
                WITH (
                  format = 'PARQUET',
                  external_location = '%s/%s/',
                  partitioned_by = ARRAY['dt'%s],
                  partition_projection_enabled = true,
                  partition_projection_location_template = '%s')""".formatted(
                        Engine.name(table(part)),
                        lines,
                        since,
                        hours,
                        location,
                        part,
                        byHour ? ", 'hr'" : "",
                        template(part, byHour));
    }

    private String template(String part, boolean byHour) {
        return location + "/" + part + "/dt=${dt}/" + (byHour ? "hr=${hr}/" : "");
    }

    /**
     * The join alone decides which row is taken from where, by one look at the markers. The bound on the days of segments
     * only spares an engine the files of days that are rolled up; it looks a second time, so it lets a marker settle twice
     * as long: no PUT is under way for so long after its stamp. Stamps are of clocks that may disagree, so an earlier hour
     * may settle after a later one.
     */
    private SqlStatement view() {
        String columns = TableColumn.ofRows().stream()
                .map(column -> Engine.name(column.name()))
                .collect(Collectors.joining(", "));
        String sql = """
                CREATE OR REPLACE VIEW %s AS
                SELECT %s, a.dt, a.hr
                FROM (
                  SELECT true AS is_rolled, dt, hr, %s FROM %s
                  UNION ALL
                  SELECT false AS is_rolled, dt, hr, %s FROM %s
                  WHERE dt >= (SELECT coalesce(min(CASE WHEN "stamp" >= %s - INTERVAL '%s' SECOND THEN dt END), max(dt), DATE '%s') FROM %s)
                ) a
                LEFT JOIN %s r
                  ON a.dt = r.dt AND a.hr = r.hr AND a."shard" = r."shard"
                  AND r."stamp" < %s - INTERVAL '%s' SECOND
                WHERE a.is_rolled = (r."shard" IS NOT NULL AND a."offset" < r."to_offset")""".formatted(
                        Engine.name(name),
                        TableColumn.ofRows().stream()
                                .map(column -> "a." + Engine.name(column.name()))
                                .collect(Collectors.joining(", ")),
                        columns,
                        Engine.name(table("changes")),
                        columns,
                        Engine.name(table("segments")),
                        engine.now(),
                        Long.toString(2 * settle.toSeconds()),
                        since,
                        Engine.name(table(MARKERS)),
                        Engine.name(table(MARKERS)),
                        engine.now(),
                        Long.toString(settle.toSeconds()));
        return new SqlStatement(
                "Each row once, from the one place or the other. A bound on dt reaches all three tables: give one always.",
                sql);
    }
}
