package dev.tidemark.bench;

import dev.tidemark.archive.sql.AnalystQueries;
import dev.tidemark.archive.sql.AnalystTables;
import dev.tidemark.archive.sql.SqlStatement;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Asks Trino, takes the time, and compares with the account. The first wrong answer ends it. */
final class SqlCourt {
    private static final String EACH_ROW_ONCE = "each row once";
    private static final String A_MONTH = "each row of thirty days";
    private static final int MONTH_DAYS = 30;
    private static final int SHOWN_MAX = 5;
    private static final Duration ROLLED_WITHIN = Duration.ofMinutes(3);

    private final TrinoClient trino;
    private final SqlAccount account;
    private final String view;
    private final Runnable afterEach;
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();
    private final Set<String> rolledHours = new HashSet<>();
    private int rounds;
    private long rowsSeen;
    private long answers;
    private int spoiltSegments;

    /** @param afterEach is run after each answer */
    SqlCourt(TrinoClient trino, SqlAccount account, String view, Runnable afterEach) {
        this.trino = trino;
        this.afterEach = afterEach;
        this.account = account;
        this.view = view;
    }

    void create(AnalystTables tables) {
        trino.ask("CREATE SCHEMA tidemark");
        tables.statements().forEach(statement -> trino.ask(statement.sql()));
    }

    /**
     * One round of every query.
     *
     * @param asked about a time up to which all is archived, so that the answers are known whatever arrives meanwhile
     * @param ends of what was archived in each shard before the round began
     */
    void hear(AnalystQueries asked, List<Long> ends) {
        hearEachRowOnce(asked, ends);
        hear(
                "state as of a time",
                asked.stateAt(),
                "\"key\", chunk_id, doc_id, \"text\", dims, embedding[1], metadata",
                account.stateAt(asked.at()));
        hear(
                "history of a chunk",
                asked.history(),
                "\"offset\", op",
                account.history(asked.key(), asked.at()),
                "WHERE redis_time <= " + asked.engine().literal(asked.at()));
        hear("chunks changed between", asked.changed(), "\"key\", changes, last_op", account.changed(asked));
        hear("churn by document", asked.churn(), "doc, changes, chunks, puts, deletions", account.churn(asked));
        hear(
                "expired and evicted",
                asked.expiredAndEvicted(),
                "dt, hr, \"event\", \"keys\"",
                account.expiredAndEvicted(asked));
        lines(trino.ask("SELECT DISTINCT dt, hr FROM %s_rolled WHERE dt >= DATE '%s'".formatted(view, asked.since())))
                .forEach(rolledHours::add);
        rounds++;
    }

    private void hear(String what, SqlStatement statement, String columns, List<String> expected) {
        hear(what, statement, columns, expected, "");
    }

    private void hear(String what, SqlStatement statement, String columns, List<String> expected, String condition) {
        String sql = "SELECT %s FROM (%s) answer %s".formatted(columns, statement.sql(), condition);
        List<String> found = lines(timed(what, sql));
        List<String> sorted = expected.stream().sorted().toList();
        if (!found.stream().sorted().toList().equals(sorted)) {
            throw wrong(what, difference(found, expected), sql);
        }
        answers += found.size();
    }

    /** What was archived when the query began must be there, what was not written must not, and nothing twice. */
    private void hearEachRowOnce(AnalystQueries asked, List<Long> ends) {
        String sql =
                "SELECT shard, count(*), count(DISTINCT \"offset\"), max(\"offset\") + 1 FROM %s WHERE dt >= DATE '%s' GROUP BY shard"
                        .formatted(view, asked.since());
        List<List<String>> found = timed(EACH_ROW_ONCE, sql);
        rowsSeen = 0;
        if (found.size() != ends.size()) {
            throw wrong(EACH_ROW_ONCE, found.size() + " shards", sql);
        }
        for (List<String> shard : found) {
            int number = Integer.parseInt(shard.get(0));
            long rows = Long.parseLong(shard.get(1));
            long end = Long.parseLong(shard.get(3));
            boolean isEachOnce = rows == Long.parseLong(shard.get(2)) && rows == end;
            if (!isEachOnce || end < ends.get(number) || end > account.end(number)) {
                throw wrong(
                        EACH_ROW_ONCE,
                        "shard, rows, offsets, end are %s; %d rows were archived before, %d are written now"
                                .formatted(shard, ends.get(number), account.end(number)),
                        sql);
            }
            rowsSeen += rows;
        }
    }

    /** Waits until every hour of the day is rolled up, for the bound on the days of segments too, and one of a later day. */
    void awaitRolled(LocalDate day, int hours, Duration settle) {
        // That bound lets a marker settle twice as long.
        String sql =
                "SELECT count_if(dt = DATE '%s' AND \"stamp\" < now() - INTERVAL '%d' SECOND), count_if(dt > DATE '%s') > 0 FROM %s_rolled"
                        .formatted(day, 2 * settle.toSeconds(), day, view);
        List<String> rolled = List.of("%d|true".formatted(hours * account.shards()));
        Await.seldom(
                ROLLED_WITHIN,
                () -> Optional.of(sql).filter(asked -> lines(trino.ask(asked)).equals(rolled)),
                "every hour of %s is rolled up".formatted(day));
    }

    /**
     * The view over thirty days opens no segment of a day that is rolled up: here they are spoilt.
     *
     * @param day where they lie
     */
    void hearOverSpoiltSegments(Path day) {
        spoiltSegments = spoil(day);
        String sql =
                "SELECT shard, count(*), count(DISTINCT \"offset\") FROM %s WHERE dt >= current_date - INTERVAL '%d' DAY GROUP BY shard"
                        .formatted(view, MONTH_DAYS);
        List<String> expected = IntStream.range(0, account.shards())
                .mapToObj(shard -> "%d|%d|%d".formatted(shard, account.end(shard), account.end(shard)))
                .toList();
        List<String> found = lines(timed(A_MONTH, sql));
        if (!found.stream().sorted().toList().equals(expected)) {
            throw wrong(A_MONTH, difference(found, expected), sql);
        }
    }

    private static int spoil(Path day) {
        try (Stream<Path> files = Files.walk(day)) {
            List<Path> segments = files.filter(Files::isRegularFile).toList();
            for (Path segment : segments) {
                Files.writeString(segment, "spoilt");
            }
            return segments.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<List<String>> timed(String what, String sql) {
        long began = System.nanoTime();
        List<List<String>> rows = trino.ask(sql);
        seconds.computeIfAbsent(what, none -> new ArrayList<>()).add((System.nanoTime() - began) / 1e9);
        afterEach.run();
        return rows;
    }

    private static List<String> lines(List<List<String>> rows) {
        return rows.stream().map(row -> String.join("|", row)).toList();
    }

    private static String difference(List<String> found, List<String> expected) {
        List<String> missing = new ArrayList<>(expected);
        found.forEach(missing::remove);
        List<String> surplus = new ArrayList<>(found);
        expected.forEach(surplus::remove);
        return "%d rows where %d are right; missing %s, surplus %s"
                .formatted(
                        found.size(),
                        expected.size(),
                        missing.stream().limit(SHOWN_MAX).toList(),
                        surplus.stream().limit(SHOWN_MAX).toList());
    }

    private static TidemarkError wrong(String what, String difference, String sql) {
        return new TidemarkError(
                ExitCode.DIFFERENT, "Trino's answer to '%s' is wrong: %s%n%s".formatted(what, difference, sql));
    }

    int rounds() {
        return rounds;
    }

    String lastRound() {
        return "%,d rows in the view, %d hours rolled up".formatted(rowsSeen, rolledHours.size());
    }

    List<Metric> timings(double limitSeconds) {
        List<Metric> metrics = new ArrayList<>();
        seconds.forEach((what, times) ->
                metrics.add(Metric.of(what, "s", new Samples(times), Samples.of(limitSeconds), Goal.atMost(1))));
        return metrics;
    }

    List<String> remarks() {
        return List.of(
                String.format(
                        Locale.ROOT,
                        "tables, view and every query of 'ddl --engine trino' ran; %,d rows of answers were as they should be, in %d rounds",
                        answers,
                        rounds),
                "the last round saw " + lastRound(),
                "the view over thirty days answered all the same when the %d segments of a day that was rolled up had been spoilt"
                        .formatted(spoiltSegments));
    }
}
