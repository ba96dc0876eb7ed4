package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.sql.AnalystTables;
import dev.tidemark.archive.sql.Engine;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Segment;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Asks the view for every row again and again, whatever happens to those who write: no row twice, none ever vanishes, and each
 * that S3 was said to have is there.
 */
final class ViewReader implements AutoCloseable {
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final LocalDate SINCE = LocalDate.of(2015, 1, 1);
    private static final Duration PACE = Duration.ofMillis(300);

    private final Archive archive;
    private final Path place;
    private final List<LiveShard> shards;
    private final Map<Integer, Long> ends = new HashMap<>();
    private final Map<Integer, Long> countedBelowEnds = new HashMap<>();
    private final Set<String> hoursSeen = new HashSet<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "view-reader");
    private volatile boolean isDone;

    /** @param place where the source's objects lie as files */
    ViewReader(Archive archive, Path place, List<LiveShard> shards) {
        this.archive = archive;
        this.place = place;
        this.shards = shards;
        thread.start();
    }

    private void run() {
        try {
            // A view over no marker at all is an error of the engine.
            while (!isDone && !hasMarker()) {
                Thread.sleep(PACE.toMillis());
            }
            if (!isDone) {
                readOn();
            }
        } catch (Exception | AssertionError e) {
            failure.set(e);
        }
    }

    private boolean hasMarker() {
        try {
            return archive.rolled().latest(Optional.empty()).isPresent();
        } catch (TidemarkError away) {
            return false;
        }
    }

    private void readOn() throws SQLException, InterruptedException {
        Set<String> known = Set.of();
        try (DuckDb duckDb = open()) {
            while (!isDone) {
                askForTheEnds();
                List<String> seen = rows(duckDb);
                requireWholeBelowTheEnds(seen);
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

    /** Where each shard's chain ends; while the store is away, where it ended. */
    private void askForTheEnds() {
        for (LiveShard shard : shards) {
            long before = ends.getOrDefault(shard.shard, 0L);
            long end;
            try {
                end = archive.last(shard.shard, 1, Optional.empty())
                        .map(Segment::end)
                        .orElse(before);
            } catch (TidemarkError away) {
                continue;
            }
            countedBelowEnds.merge(shard.shard, shard.countedRows(before, end), Long::sum);
            ends.put(shard.shard, end);
        }
    }

    private void requireWholeBelowTheEnds(List<String> seen) {
        ends.forEach((shard, end) -> assertThat(seen)
                .filteredOn(
                        row -> row.startsWith(shard + "|") && Long.parseLong(row.substring(row.indexOf('|') + 1)) < end)
                .as("rows of shard %d below %d", shard, end)
                .hasSize(Math.toIntExact(countedBelowEnds.get(shard))));
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
