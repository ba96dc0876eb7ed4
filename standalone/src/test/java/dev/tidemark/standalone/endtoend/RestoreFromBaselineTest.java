package dev.tidemark.standalone.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.compactor.baseline.BaselineTaker;
import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.Baseline;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Snapshots that are older than they look, taken while somebody writes: a restore that begins with one is true all the same. */
@ExtendWith({OneCourtAtATime.class, SharedGround.class})
class RestoreFromBaselineTest {
    private static final int SHARDS = 2;
    private static final int WRITES_MEANWHILE = 400;
    private static final int SNAPSHOT_MICROS = 4_000_000;
    private static final Duration WITHIN = Duration.ofMinutes(2);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_129L));
    private Deployment deployment;
    private Oracle oracle;
    private Court court;

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void whatBeginsWithASnapshotIsTrueHoweverOldThatIs(MatrixServer server, Ground ground) throws IOException {
        assumeTrue(server.isHere(), server::whyNot);
        String source = "e2e-baseline-" + server.name().replace('.', '-');
        try (RedisServer primary = RedisServer.start(server.options());
                FaultProxy link = FaultProxy.before(primary);
                RedisServer replica = RedisServer.start(server.options().withReplicaOf(link.port()))) {
            // The first replica makes another history of a primary's, which is a doubt.
            replica.awaitInSync();
            try (Deployment started = Deployment.startWithoutBases(
                            directory, ground, SourceSettings.of(source, SHARDS), RedisSettings.at(primary.uri()));
                    Oracle opened = Oracle.open(primary.uri(), pace(primary));
                    Court convened = Court.convene(started, opened, server.options(), random)) {
                deployment = started;
                oracle = opened;
                court = convened;

                judge("a replica", BaselineTaker::fromReplication);

                // Up for all that the replica knows.
                link.blackHole();
                oracle.awaitWrites(WRITES_MEANWHILE, WITHIN);
                judge("a replica whose link is silent", BaselineTaker::fromReplication);
                link.heal();
                replica.awaitInSync();

                try (RedisSocket somebodyElse = DatedWrites.socket(replica.uri())) {
                    askForASlowSnapshot(somebodyElse);
                    oracle.awaitWrites(WRITES_MEANWHILE / 2, WITHIN);
                    judge("a snapshot that was under way", BaselineTaker::fromReplication);
                }

                Path copy = copyOfWhatWasSaved(primary);
                oracle.awaitWrites(WRITES_MEANWHILE, WITHIN);
                judge("a file copied by hand", taker -> taker.fromExport(copy.toString()));

                court.adjourn();
            }
        }
    }

    /** Without vector sets, of which no baseline is a replica's: those are for the baselines' own tests. */
    private OracleOptions pace(RedisServer primary) throws IOException {
        OracleOptions everything = Pace.seeded(random.nextLong());
        return hasVectorSets(primary) ? everything.plain() : everything;
    }

    private static boolean hasVectorSets(RedisServer server) throws IOException {
        try (RedisSocket redis = DatedWrites.socket(server.uri())) {
            redis.send("COMMAND".getBytes(UTF_8), "DOCS".getBytes(UTF_8), "VADD".getBytes(UTF_8));
            return redis.array() > 0;
        }
    }

    private void judge(String what, Function<BaselineTaker, Baseline> way) {
        Baseline baseline;
        try (BaselineTaker taker = BaselineTaker.open(deployment.settings(), Clock.systemUTC())) {
            baseline = way.apply(taker);
        }
        oracle.awaitWrites(WRITES_MEANWHILE / 2, WITHIN);
        Instant fork = RedisTime.instant(baseline.forkMicros());
        Instant latest = deployment.awaitProtected(oracle.now()).latest().orElseThrow();
        for (Instant at : new Instant[] {fork, Oracle.randomInstant(random, fork, latest)}) {
            assertThat(court.judge(at, true, what))
                    .as("%s, to %s", what, at)
                    .hasValueSatisfying(plan -> assertThat(plan.baseline()).contains(baseline));
        }
    }

    /** On the replica's disk, so that it joins us to what it is already making. */
    private static void askForASlowSnapshot(RedisSocket replica) throws IOException {
        long keys = Long.parseLong(replica.call("DBSIZE"));
        replica.call("CONFIG", "SET", "repl-diskless-sync", "no");
        replica.call("CONFIG", "SET", "rdb-key-save-delay", Long.toString(SNAPSHOT_MICROS / keys));
        replica.call("REPLCONF", "capa", "eof", "rdb-only", "1");
        replica.send("PSYNC".getBytes(UTF_8), "?".getBytes(UTF_8), "-1".getBytes(UTF_8));
        replica.skipEmptyLines(() -> {});
    }

    private Path copyOfWhatWasSaved(RedisServer server) throws IOException {
        try (RedisSocket redis = DatedWrites.socket(server.uri())) {
            redis.call("SAVE");
        }
        return Files.copy(server.directory().resolve("dump.rdb"), directory.resolve("copy.rdb"));
    }
}
