package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.sql.AnalystQueries;
import dev.tidemark.archive.sql.AnalystTables;
import dev.tidemark.archive.sql.Engine;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.ResyncEnded;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Endpoint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code tidemark ddl} prints, on real files, against the account of what was written. */
class AnalystViewTest {
    private static final LocalDate SINCE = LocalDate.of(2025, 11, 1);
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final int HOURS_WHILE_READ = 40;

    @TempDir
    Path directory;

    private S3Endpoint s3;
    private Archive archive;
    private List<HandmadeArchive> shards;

    @BeforeEach
    void open() {
        s3 = S3Endpoint.start(S3Endpoint.Options.defaults().withDirectory(directory.resolve("s3")));
        archive = Archive.open(S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())), "rag");
        shards = List.of(new HandmadeArchive(archive, 0, 21), new HandmadeArchive(archive, 1, 22));
    }

    @AfterEach
    void close() {
        archive.close();
        s3.close();
    }

    @Test
    void readersOfTheViewSeeEachRowOnceWhileHoursAreRolledUp() throws Exception {
        write(2);
        passHour();
        roller().step();
        AtomicBoolean isDone = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> rollers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            rollers.add(new Thread(() -> {
                HourRoller roller = roller();
                try {
                    while (!isDone.get()) {
                        roller.step();
                    }
                } catch (RuntimeException e) {
                    failure.set(e);
                }
            }));
        }
        AtomicInteger reads = new AtomicInteger();
        rollers.add(new Thread(() -> {
            try {
                for (int hour = 0; hour < HOURS_WHILE_READ && !isDone.get(); hour++) {
                    // In step with the readers: what is written meanwhile makes each query slower.
                    int due = hour / 2;
                    Await.until(WITHIN, () -> reads.get() >= due || isDone.get(), "the readers to come along");
                    write(3);
                    passHour();
                }
            } catch (RuntimeException e) {
                failure.set(e);
            }
        }));
        rollers.forEach(Thread::start);
        Set<String> ways = new HashSet<>();
        try (DuckDb duckDb = new DuckDb(tables().statements())) {
            Instant end = Instant.now().plusSeconds(8);
            Instant enough = end.plus(WITHIN);
            while (reads.incrementAndGet() < 12
                    || Instant.now().isBefore(end)
                    || (ways.size() <= 2 && Instant.now().isBefore(enough))) {
                Set<String> before = accounted();
                List<String> seen =
                        duckDb.ask("SELECT \"shard\", \"offset\" FROM rag WHERE dt >= DATE '" + SINCE + "'");

                assertThat(seen).doesNotHaveDuplicates();
                assertThat(new HashSet<>(seen)).containsAll(before);
                ways.add(duckDb.ask("SELECT count(DISTINCT hr) FROM rag_rolled WHERE stamp < now() - INTERVAL 1 SECOND")
                        .get(0));
            }
        } finally {
            isDone.set(true);
            for (Thread each : rollers) {
                each.join();
            }
        }

        assertThat(failure.get()).isNull();
        assertThat(ways).as("hours went over to changes while they were read").hasSizeGreaterThan(2);
    }

    @Test
    void everyQueryGivesTheAccountsAnswer() throws Exception {
        write(2);
        shards.forEach(shard -> shard.resync(15));
        passHour();
        write(2);
        shards.forEach(shard -> shard.resync(10));
        passHour();
        write(1);
        shards.forEach(HandmadeArchive::tell);
        roller().step();
        Thread.sleep(SETTLE.toMillis() + 1_000);
        List<ArchivedRow> all =
                shards.stream().flatMap(shard -> shard.rows.stream()).toList();
        List<Long> times =
                all.stream().map(row -> row.row().timeMicros()).sorted().toList();

        assertThat(archive.rolled().hours(Optional.empty())).hasSize(2);
        try (DuckDb duckDb = new DuckDb(tables().statements())) {
            for (int part = 1; part <= 6; part++) {
                Instant at = RedisTime.instant(times.get(times.size() * part / 6 - 1));
                AnalystQueries queries = queries(RedisTime.instant(times.get(times.size() / 8)), at);
                assertThat(duckDb.ask("SELECT \"key\", \"text\" FROM ("
                                + queries.stateAt().sql() + ")"))
                        .as("state at %s", at)
                        .containsExactlyInAnyOrderElementsOf(stateAt(at));
                assertThat(duckDb.ask("SELECT \"key\", changes, last_op FROM ("
                                + queries.changed().sql() + ")"))
                        .containsExactlyInAnyOrderElementsOf(changed(queries));
                assertThat(duckDb.ask("SELECT sum(\"keys\") FROM ("
                                + queries.expiredAndEvicted().sql() + ")"))
                        .containsExactly(sumOrNull(between(queries)
                                .filter(change -> Set.of("expired", "evicted").contains(change.event()))
                                .count()));
                assertThat(duckDb.ask("SELECT sum(changes), sum(puts), sum(deletions) FROM ("
                                + queries.churn().sql() + ")"))
                        .containsExactly(churn(queries));
            }
            AnalystQueries last = queries(RedisTime.instant(0), RedisTime.instant(times.get(times.size() - 1)));
            assertThat(duckDb.ask(last.history().sql())).hasSize((int) between(last)
                    .filter(change -> change.key().equals(Bytes.utf8(last.key())))
                    .count());
        }
    }

    /** Of two compactors one had the wrong time, or the one there is was set right. */
    @Test
    void anHourThatWasStampedByAClockAheadIsReadFromItsSegmentsUntilItHasSettled() throws Exception {
        Clock right = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-1));
        write(1);
        passHours(24);
        roller(Clock.offset(right, Duration.ofDays(1))).step();
        write(1);
        passHours(1);
        roller(right).step();

        try (DuckDb duckDb = new DuckDb(tables().statements())) {
            assertThat(duckDb.ask("SELECT \"shard\", \"offset\" FROM rag WHERE dt >= DATE '" + SINCE + "'"))
                    .containsExactlyInAnyOrderElementsOf(accounted());
        }
    }

    /** As a store on a folder writes: beside the object, under a longer name, until it is whole. */
    @Test
    void aMarkerThatIsBeingWrittenIsNotRead() throws Exception {
        write(1);
        passHour();
        roller().step();
        Path days = directory.resolve("s3/" + s3.bucket() + "/rag/rolled");
        try (Stream<Path> markers = Files.walk(days).filter(Files::isRegularFile)) {
            Path marker = markers.findAny().orElseThrow();
            Files.writeString(marker.resolveSibling(marker.getFileName() + "-8407c51f"), "PAR1 and no more");
        }

        try (DuckDb duckDb = new DuckDb(tables().statements())) {
            assertThat(duckDb.ask("SELECT count(DISTINCT hr) FROM rag_rolled")).containsExactly("1");
        }
    }

    private static String sumOrNull(long count) {
        return count == 0 ? null : Long.toString(count);
    }

    private String churn(AnalystQueries queries) {
        long changes = between(queries).count();
        long deletions = between(queries)
                .filter(change -> change.value() instanceof Value.Absent)
                .count();
        return changes == 0 ? "null|null|null" : "%d|%d|%d".formatted(changes, changes - deletions, deletions);
    }

    private Stream<Change> between(AnalystQueries queries) {
        return shards.stream()
                .flatMap(shard -> shard.rows.stream())
                .map(ArchivedRow::row)
                .filter(Change.class::isInstance)
                .map(Change.class::cast)
                .filter(change -> change.timeMicros() > RedisTime.micros(queries.from())
                        && change.timeMicros() <= RedisTime.micros(queries.at()));
    }

    private List<String> changed(AnalystQueries queries) {
        Map<Bytes, Integer> counts = new HashMap<>();
        Map<Bytes, String> lastOps = new HashMap<>();
        between(queries).forEach(change -> {
            counts.merge(change.key(), 1, Integer::sum);
            lastOps.put(change.key(), change.value() instanceof Value.Absent ? "absent" : "put");
        });
        List<String> rows = new ArrayList<>();
        counts.forEach(
                (key, count) -> rows.add("%s|%d|%s".formatted(key.asUtf8().orElseThrow(), count, lastOps.get(key))));
        return rows;
    }

    /** As naive as possible: the log is played from the last resync that had ended. */
    private List<String> stateAt(Instant at) {
        List<String> rows = new ArrayList<>();
        for (HandmadeArchive shard : shards) {
            List<ArchivedRow> known = shard.rows.stream()
                    .filter(row -> row.row().timeMicros() <= RedisTime.micros(at))
                    .toList();
            long base = known.stream()
                    .filter(row -> row.row() instanceof ResyncEnded)
                    .mapToLong(row -> ((ResyncEnded) row.row()).beginOffset())
                    .max()
                    .orElse(Long.MAX_VALUE);
            Map<Bytes, Change> state = new HashMap<>();
            known.stream()
                    .filter(row -> row.offset() >= base && row.row() instanceof Change)
                    .forEach(row -> state.put(((Change) row.row()).key(), (Change) row.row()));
            state.values().stream()
                    .filter(change -> change.value() instanceof Value.Hash)
                    .filter(change -> change.expireAtMillis().isEmpty()
                            || change.expireAtMillis().getAsLong() * 1_000 > RedisTime.micros(at))
                    .forEach(change -> rows.add(change.key().asUtf8().orElseThrow() + "|" + textOf(change)));
        }
        return rows;
    }

    private static String textOf(Change change) {
        return ((Value.Hash) change.value())
                .fields().stream()
                        .filter(field -> field.name().equals(Bytes.utf8("text")))
                        .map(field -> field.value().asUtf8().orElseThrow())
                        .findFirst()
                        .orElseThrow();
    }

    private Set<String> accounted() {
        Set<String> rows = new HashSet<>();
        shards.forEach(shard -> shard.rows.forEach(row -> rows.add(shard.shard + "|" + row.offset())));
        return rows;
    }

    private AnalystTables tables() {
        return new AnalystTables(
                Engine.DUCKDB,
                "rag",
                directory.resolve("s3/" + s3.bucket() + "/rag").toString(),
                SETTLE,
                SINCE);
    }

    private static AnalystQueries queries(Instant from, Instant at) {
        return new AnalystQueries(Engine.DUCKDB, "rag", SINCE, from, at, "chunk:0:7");
    }

    private HourRoller roller() {
        return roller(Clock.systemUTC());
    }

    private HourRoller roller(Clock clock) {
        PartRoller parts = new PartRoller(
                archive, HandmadeArchive.GENERATION, directory, 20_000, ChunkFields.standard(), () -> false);
        return new HourRoller(parts, shards.size(), clock, new RollingMetrics(new SimpleMeterRegistry(), clock));
    }

    private void write(int segments) {
        for (int i = 0; i < segments; i++) {
            shards.forEach(shard -> shard.segment(40));
        }
        shards.forEach(HandmadeArchive::tell);
    }

    private void passHour() {
        passHours(1);
    }

    private void passHours(int hours) {
        shards.forEach(shard -> {
            shard.hoursPass(hours);
            shard.tell();
        });
    }
}
