package dev.tidemark.archive.sql;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;

/**
 * Questions that are asked often, of the view, with these times and this key filled in.
 *
 * @param since no row before this day is read; the state at a time needs the last resync that ended before it
 * @param from exclusive
 * @param at the end of the times that are asked for, inclusive, and the time of the state
 */
public record AnalystQueries(Engine engine, String view, LocalDate since, Instant from, Instant at, String key) {
    public AnalystQueries {
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(view, "view");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(key, "key");
    }

    public List<SqlStatement> statements() {
        return List.of(stateAt(), history(), changed(), churn(), expiredAndEvicted());
    }

    /** Rows below the begin of the last resync that had ended do not count: what it did not find again was gone. */
    public SqlStatement stateAt() {
        return new SqlStatement(
                "State as of " + at
                        + ": what a restore to that time holds. An expiry that had come is honoured.\nThe bound on dt must lie before the last resync that had ended by then.",
                """
                SELECT db, "key", key_bytes, "type", chunk_id, doc_id, "text", dims, embedding, metadata, "fields", "value", expire_at, redis_time
                FROM (
                  SELECT *,
                    max(CASE WHEN "row" = 'resync_end' THEN begin_offset END) OVER (PARTITION BY shard) AS base,
                    row_number() OVER (PARTITION BY shard, "row", db, key_bytes ORDER BY "offset" DESC) AS newest
                  FROM %s
                  WHERE dt >= %s AND dt <= %s AND redis_time <= %s
                ) s
                WHERE "row" = 'change' AND newest = 1 AND "offset" >= base AND op = 'put'
                  AND (expire_at IS NULL OR expire_at > %s)""".formatted(Engine.name(view), day(since), day(dayOf(at)), engine.literal(at), engine.literal(at)));
    }

    /** All that is known of one key. */
    public SqlStatement history() {
        return new SqlStatement(
                "History of one chunk, by its key.", """
                SELECT redis_time, op, "event", "type", chunk_id, doc_id, "text", dims, metadata, expire_at, shard, "offset"
                FROM %s
                WHERE dt >= %s AND "row" = 'change' AND "key" = %s
                ORDER BY shard, "offset\"""".formatted(Engine.name(view), day(since), Engine.text(key)));
    }

    /** What became of each key that was touched. */
    public SqlStatement changed() {
        return new SqlStatement(
                "Chunks that changed between two times: how often, and what they were in the end.",
                """
                SELECT db, "key", key_bytes, count(*) AS changes, min(redis_time) AS first_change, max(redis_time) AS last_change,
                  max(CASE WHEN newest = 1 THEN op END) AS last_op
                FROM (
                  SELECT *, row_number() OVER (PARTITION BY shard, db, key_bytes ORDER BY "offset" DESC) AS newest
                  FROM %s
                  WHERE %s AND "row" = 'change'
                ) s
                GROUP BY shard, db, "key", key_bytes
                ORDER BY changes DESC""".formatted(Engine.name(view), between()));
    }

    /** Deletions name no document, so a chunk's document is the one that its other rows name. */
    public SqlStatement churn() {
        return new SqlStatement(
                "Churn by document: changes, and chunks written and deleted, between two times.",
                """
                SELECT doc, count(*) AS changes, count(DISTINCT key_bytes) AS chunks,
                  count(CASE WHEN op = 'put' THEN 1 END) AS puts, count(CASE WHEN op = 'absent' THEN 1 END) AS deletions
                FROM (
                  SELECT *, max(doc_id) OVER (PARTITION BY shard, db, key_bytes) AS doc
                  FROM %s
                  WHERE %s AND "row" = 'change'
                ) s
                GROUP BY doc
                ORDER BY changes DESC""".formatted(Engine.name(view), between()));
    }

    /** Keys that nobody deleted. */
    public SqlStatement expiredAndEvicted() {
        return new SqlStatement(
                "Expired and evicted, by hour. The event is what Redis said last of the key before it was seen to be gone.",
                """
                SELECT dt, hr, "event", count(*) AS "keys"
                FROM %s
                WHERE %s AND "row" = 'change' AND op = 'absent' AND "event" IN ('expired', 'evicted')
                GROUP BY dt, hr, "event"
                ORDER BY dt, hr, "event\"""".formatted(Engine.name(view), between()));
    }

    private String between() {
        return "dt >= %s AND dt <= %s AND redis_time > %s AND redis_time <= %s"
                .formatted(day(dayOf(from)), day(dayOf(at)), engine.literal(from), engine.literal(at));
    }

    private static LocalDate dayOf(Instant time) {
        return time.atOffset(ZoneOffset.UTC).toLocalDate();
    }

    private static String day(LocalDate date) {
        return "DATE '" + date + "'";
    }
}
