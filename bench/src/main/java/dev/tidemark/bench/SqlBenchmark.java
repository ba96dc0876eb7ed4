package dev.tidemark.bench;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.sql.AnalystQueries;
import dev.tidemark.archive.sql.AnalystTables;
import dev.tidemark.archive.sql.Engine;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.TrinoServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What {@code tidemark ddl --engine trino} prints, run on Trino while segments arrive and hours are rolled up, and each
 * answer held against what was written.
 */
final class SqlBenchmark implements Benchmark {
    private static final String SOURCE = "rag";
    private static final int COMPACTOR_HEAP_MB = 256;
    private static final int TRINO_HEAP_MB = 2_048;
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final Duration BETWEEN_BATCHES = Duration.ofMillis(1_500);

    /** What an analyst waits without a thought; on a machine of two cores that does all the rest too. */
    private static final double PATIENCE_SECONDS = 30;

    @Override
    public String name() {
        return "sql";
    }

    @Override
    public String about() {
        return "the queries of 'ddl' on Trino 476 while hours roll; limit: 30 s, no wrong answer";
    }

    @Override
    public BenchmarkReport run(BenchmarkRequest request) {
        Machine machine = Machine.here();
        TrinoDistribution distribution = TrinoDistribution.find(request.progress());
        try (Ground ground = Ground.startForOthers(request.progress());
                Opened opened = new Opened()) {
            Path state = Pipeline.temporaryDirectory();
            opened.add(() -> Pipeline.delete(state));
            S3Endpoint s3 = ground.s3();
            List<String> arguments = CompactMain.arguments(ground, SOURCE, SqlLog.SHARDS, state);
            Settings settings = CompactMain.settings(arguments);
            SqlLog log = opened.add(new SqlLog(settings, request.chunks(), Instant.now()));
            Archive archive = opened.add(Archive.open(settings.s3(), SOURCE));
            opened.add(new ChildJvm("the compactor", CompactMain.class, COMPACTOR_HEAP_MB, List.of(), arguments));
            request.progress().accept("starting Trino");
            TrinoServer trino =
                    opened.add(TrinoServer.start(distribution.directory(), distribution.javaHome(), s3, TRINO_HEAP_MB));
            // A query is answered between any two batches: on a slow machine too, hours pass while they are asked for.
            Semaphore steps = new Semaphore(1);
            SqlCourt court = new SqlCourt(new TrinoClient(trino), log.account(), SOURCE, steps::release);
            court.create(tables(s3, log));

            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> log.write(() -> {
                pauseBetweenBatches();
                steps.acquireUninterruptibly();
            }));
            opened.add(() -> writing.cancel(true));
            hear(court, archive, log, writing, request);
            court.awaitRolled(dayOf(log.began()), SqlLog.HOURS_OF_FIRST_DAY, SETTLE);
            court.hearOverSpoiltSegments(segmentsOfTheFirstDay(s3, log));
            return new BenchmarkReport(
                    name(),
                    court.timings(PATIENCE_SECONDS),
                    court.rounds(),
                    court.remarks(),
                    Versions.with(ground.redis().version(), request.tidemarkVersion()),
                    machine);
        }
    }

    private static AnalystTables tables(S3Endpoint s3, SqlLog log) {
        return new AnalystTables(
                Engine.TRINO, SOURCE, "s3://%s/%s".formatted(s3.bucket(), SOURCE), SETTLE, dayOf(log.began()));
    }

    /** Asks as long as there is something new, and often enough. */
    private static void hear(
            SqlCourt court, Archive archive, SqlLog log, CompletableFuture<Void> writing, BenchmarkRequest request) {
        boolean isComplete = false;
        while (!isComplete || court.rounds() < request.rounds()) {
            requireNoFailure(writing);
            List<Long> ends = ends(archive);
            isComplete = writing.isDone() && ends.equals(written(log.account()));
            if (ends.contains(0L)) {
                pauseBetweenBatches();
                continue;
            }
            Instant at = log.account().timeBelow(ends);
            AnalystQueries queries = new AnalystQueries(
                    Engine.TRINO,
                    SOURCE,
                    dayOf(log.began()),
                    at.minus(Duration.ofHours(3)),
                    at,
                    SqlLog.key(court.rounds() % SqlLog.SHARDS, court.rounds()));
            court.hear(queries, ends);
            request.progress().accept("sql: round %d, %s".formatted(court.rounds(), court.lastRound()));
        }
    }

    private static void requireNoFailure(CompletableFuture<Void> writing) {
        try {
            writing.getNow(null);
        } catch (CompletionException e) {
            throw new IllegalStateException("the log could not be written", e.getCause());
        }
    }

    /** One past the last row of each shard that a segment holds. */
    private static List<Long> ends(Archive archive) {
        List<Long> ends = new ArrayList<>();
        for (int shard = 0; shard < SqlLog.SHARDS; shard++) {
            ends.add(archive.last(shard, 1, Optional.empty()).map(Segment::end).orElse(0L));
        }
        return ends;
    }

    private static List<Long> written(SqlAccount account) {
        List<Long> ends = new ArrayList<>();
        for (int shard = 0; shard < SqlLog.SHARDS; shard++) {
            ends.add(account.end(shard));
        }
        return ends;
    }

    private static Path segmentsOfTheFirstDay(S3Endpoint s3, SqlLog log) {
        return s3.directory().resolve(s3.bucket()).resolve(SOURCE).resolve("segments/dt=" + dayOf(log.began()));
    }

    private static LocalDate dayOf(Instant time) {
        return time.atOffset(ZoneOffset.UTC).toLocalDate();
    }

    private static void pauseBetweenBatches() {
        try {
            // Hours last seconds here, and segments should be many: time itself is what is wanted.
            TimeUnit.MILLISECONDS.sleep(BETWEEN_BATCHES.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted between batches", e);
        }
    }
}
