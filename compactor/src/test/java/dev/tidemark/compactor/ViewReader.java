package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.sql.AnalystTables;
import dev.tidemark.archive.sql.Engine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** Asks the view for every row again and again, whatever happens to those who write: no row twice, and none ever vanishes. */
final class ViewReader implements AutoCloseable {
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final LocalDate SINCE = LocalDate.of(2015, 1, 1);
    private static final Duration PACE = Duration.ofMillis(300);

    private final Archive archive;
    private final Path place;
    private final Set<String> hoursSeen = new HashSet<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "view-reader");
    private volatile boolean isDone;

    /** @param place where the source's objects lie as files */
    ViewReader(Archive archive, Path place) {
        this.archive = archive;
        this.place = place;
        thread.start();
    }

    private void run() {
        try {
            // A view over no marker at all is an error of the engine.
            while (!isDone && archive.rolled().latest(Optional.empty()).isEmpty()) {
                Thread.sleep(PACE.toMillis());
            }
            if (!isDone) {
                readOn();
            }
        } catch (Exception | AssertionError e) {
            failure.set(e);
        }
    }

    private void readOn() throws SQLException, InterruptedException {
        Set<String> known = Set.of();
        try (DuckDb duckDb = open()) {
            while (!isDone) {
                List<String> seen = rows(duckDb);
                assertThat(seen).doesNotHaveDuplicates();
                Set<String> distinct = new HashSet<>(seen);
                assertThat(distinct).containsAll(known);
                known = distinct;
                hoursSeen.addAll(
                        duckDb.ask("SELECT DISTINCT dt, hr FROM rag_rolled WHERE stamp < now() - INTERVAL 1 SECOND"));
                Thread.sleep(PACE.toMillis());
            }
        }
    }

    private DuckDb open() throws SQLException {
        return new DuckDb(new AnalystTables(Engine.DUCKDB, "rag", place.toString(), SETTLE, SINCE).statements());
    }

    private static List<String> rows(DuckDb duckDb) throws SQLException {
        return duckDb.ask("SELECT \"shard\", \"offset\" FROM rag WHERE dt >= DATE '" + SINCE + "'");
    }

    /** Every row that there is now, as shard|offset. */
    List<String> rows() throws SQLException {
        try (DuckDb duckDb = open()) {
            return rows(duckDb);
        }
    }

    /** Ends, and tells what went wrong. */
    void requireAllWell() {
        close();
        if (failure.get() != null) {
            throw new AssertionError("the view, read while its writers were killed", failure.get());
        }
        assertThat(hoursSeen)
                .as("hours went over to roll-ups while they were read")
                .hasSizeGreaterThan(1);
    }

    @Override
    public void close() {
        isDone = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the reader of the view ended", e);
        }
    }
}
