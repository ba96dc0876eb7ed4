/**
 * The archive as tables of a query engine: what to create, what to ask, as text. Nothing is run here and nothing is read.
 *
 * <p>Three tables stand for the objects as they lie there: {@code segments}, {@code changes} (hours that are rolled up) and
 * {@code rolled} (the markers). The view over them takes each row from one place: from {@code changes} where a marker
 * counts, from {@code segments} where none does. It reads the markers once, so both halves see the same; and a marker
 * counts when it was stamped a while before the query began, so that the files it speaks of were there when the query
 * looked for files. So no query sees a row twice or misses one, whatever is written meanwhile.
 */
package dev.tidemark.archive.sql;
