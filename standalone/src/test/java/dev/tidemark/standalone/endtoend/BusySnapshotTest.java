package dev.tidemark.standalone.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compactor.baseline.BaselineTaker;
import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot of a source that is written to, meanwhile, as fast as everything here together goes. */
@ExtendWith({OneCourtAtATime.class, SharedGround.class})
class BusySnapshotTest {
    private static final int SHARDS = 2;
    private static final int THREADS = 2;
    private static final int KEYS_PER_THREAD = 20_000;

    private static final int KEYS = THREADS * KEYS_PER_THREAD;
    private static final int WRITES_AT_ONCE = 500;
    private static final int SNAPSHOT_MICROS = 3_000_000;
    /**
     * Beyond the canary that dates the fork, and yet so short that many a key is not written again: what was written right
     * behind the fork is its last word.
     */
    private static final Duration WRITTEN_BEHIND_THE_FORK = Duration.ofMillis(1500);

    private static final Duration WITHIN = Duration.ofMinutes(2);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_130L));

    @Test
    void whatBeginsWithItIsTrue(Ground ground) throws IOException {
        try (RedisServer source = RedisServer.start(RedisServer.Options.defaults()
                        // So that the history of the replica below stays.
                        .withConfig("repl-backlog-ttl 0", "rdb-key-save-delay " + SNAPSHOT_MICROS / KEYS));
                RedisServer replica =
                        RedisServer.start(RedisServer.Options.defaults().withReplicaOf(source.port()))) {
            // The first replica makes another history of a primary's, which is a doubt.
            replica.awaitInSync();
            replica.shutdown();
            try (Deployment deployment = Deployment.startWithoutBases(
                            directory,
                            ground,
                            SourceSettings.of("e2e-busy-snapshot", SHARDS),
                            RedisSettings.at(source.uri()));
                    Oracle oracle = Oracle.open(
                            source.uri(),
                            OracleOptions.seeded(random.nextLong())
                                    .withThreads(THREADS)
                                    .withKeysPerThread(KEYS_PER_THREAD)
                                    .plain()
                                    .withBatchOpsMax(WRITES_AT_ONCE));
                    Court court = Court.convene(deployment, oracle, RedisServer.Options.defaults(), random)) {
                Baseline baseline = taken(source, deployment, oracle);
                Instant first = RedisTime.instant(baseline.forkMicros());
                // Once all of it is claimed, every key must be just what was written last.
                Instant ended = deployment.awaitHolding(oracle.lastWriteAt());
                for (Instant at : new Instant[] {first, ended}) {
                    assertThat(court.judge(at, true, "a snapshot of a busy source"))
                            .hasValueSatisfying(
                                    plan -> assertThat(plan.baseline()).contains(baseline));
                }
            }
        }
    }

    private static Baseline taken(RedisServer source, Deployment deployment, Oracle oracle) throws IOException {
        oracle.resume();
        // Twice each: the first write of a hash is its deletion.
        oracle.awaitWrites(2 * KEYS, WITHIN);
        CompletableFuture<Baseline> taking = CompletableFuture.supplyAsync(() -> {
            try (BaselineTaker taker = BaselineTaker.open(deployment.settings(), Clock.systemUTC())) {
                return taker.fromReplication();
            }
        });
        try (RedisSocket redis = DatedWrites.socket(source.uri())) {
            Await.closely(WITHIN, () -> taking.isDone() || isSaving(redis), "the source forks");
            Instant forked = oracle.now();
            long before = oracle.writes();
            long beganNanos = System.nanoTime();
            Thread.sleep(WRITTEN_BEHIND_THE_FORK.toMillis());
            oracle.pause();
            long behind = oracle.writes() - before;
            System.out.printf("%.0f writes/s%n", behind * 1e9 / (System.nanoTime() - beganNanos));
            assertThat(behind).isGreaterThan(KEYS / 20);
            Baseline baseline = taking.join();
            assertThat(RedisTime.instant(baseline.beginMicros()))
                    .as("from when on the log is needed")
                    .isBefore(forked);
            return baseline;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isSaving(RedisSocket redis) {
        try {
            redis.send("INFO".getBytes(UTF_8), "persistence".getBytes(UTF_8));
            return redis.text().contains("rdb_bgsave_in_progress:1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
