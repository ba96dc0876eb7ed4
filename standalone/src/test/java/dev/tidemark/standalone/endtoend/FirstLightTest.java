package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.OracleOptions;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.Tally;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change made in a real Redis comes back from S3 at a chosen moment, whatever dies on the way. */
class FirstLightTest {
    private static final List<Disaster> DISASTERS = List.of(Disaster.values());
    private static final int SHARDS = 2;
    private static final int ROUNDS = Integer.getInteger("tidemark.rounds", DISASTERS.size());
    private static final int RESTORES_A_ROUND = 2;
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final Duration EXACTNESS_AT_P99 = Duration.ofSeconds(2);
    private static final Duration EXACTNESS_MAX = Duration.ofSeconds(10);

    /** Kept when the test fails: configuration and logs of every process. */
    @TempDir(cleanup = org.junit.jupiter.api.io.CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Random random = new Random(Long.getLong("tidemark.seed", 20_261_120L));
    private final Tally tally = new Tally();
    private final List<TimeRange> gaps = new ArrayList<>();
    private final List<TimeRange> disturbances = new ArrayList<>();
    private final List<Duration> exactness = new ArrayList<>();
    private final List<Duration> exactnessInPeace = new ArrayList<>();
    private int restores;
    private int refusals;

    private Deployment deployment;
    private RedisServer scratch;
    private Oracle oracle;

    @BeforeEach
    void start() {
        deployment = Deployment.start(directory, SHARDS, Duration.ofSeconds(3));
        scratch = RedisServer.start();
        oracle = Oracle.open(
                deployment.redis.uri(),
                OracleOptions.seeded(random.nextLong()).withKeysPerThread(300).withOpsPerSecondMax(1_000));
    }

    @AfterEach
    void stop() {
        oracle.close();
        scratch.close();
        deployment.close();
    }

    @Test
    void whatRedisHeldComesBackAtAnyMomentWhateverDies() {
        oracle.resume();
        Instant from = deployment.awaitProtected(oracle.now()).ranges().get(0).from();

        for (int round = 0; round < ROUNDS; round++) {
            Disaster disaster = DISASTERS.get(round % DISASTERS.size());
            Instant struck = oracle.now();
            strike(disaster);
            oracle.awaitWrites(500, WITHIN);
            Points healed = deployment.awaitProtected(oracle.now());

            Instant latest = healed.latest().orElseThrow();
            if (disaster != Disaster.NOTHING) {
                disturbances.add(new TimeRange(struck, latest));
            }
            restoreAndJudge(Oracle.randomInstant(random, struck, latest), true, disaster);
            System.out.printf(
                    "round=%d disaster=%s healed_after=%s%n", round, disaster, Duration.between(struck, latest));
            for (int i = 1; i < RESTORES_A_ROUND; i++) {
                restoreAndJudge(Oracle.randomInstant(random, from, latest), true, disaster);
            }
        }

        Instant last = oracle.now();
        deployment.awaitArchived(last);
        oracle.stop();
        deployment.capture.kill();
        deployment.compactor.kill();
        deployment.kafka.close();
        deployment.redis.kill();
        for (int i = 0; i < 4; i++) {
            restoreAndJudge(Oracle.randomInstant(random, from, last), false, Disaster.NOTHING);
        }

        System.out.printf(
                "restores=%d refusals=%d gaps=%d exactness: %s%n%s%n",
                restores, refusals, gaps.size(), exactness, tally);
        tally.requireAll(Operation.observed());
        assertThat(restores).isGreaterThan(ROUNDS);
        assertThat(exactness).as("in bursts").allMatch(each -> each.compareTo(EXACTNESS_MAX) < 0);
        assertThat(exactnessInPeace).as("at other times").allMatch(each -> each.compareTo(EXACTNESS_AT_P99) < 0);
    }

    private void strike(Disaster disaster) {
        Instant before = deployment.points(true).latest().orElseThrow();
        disaster.strike(deployment, oracle, random);
        if (disaster.makesAGap()) {
            List<TimeRange> ranges = deployment.awaitProtected(oracle.now()).ranges();
            gaps.add(new TimeRange(before, ranges.get(ranges.size() - 1).from()));
        }
    }

    private void restoreAndJudge(Instant at, boolean withTail, Disaster disaster) {
        try (Restorer restorer = Restorer.open(deployment.settings())) {
            RestorePlan plan;
            try {
                plan = restorer.plan(Optional.of(at), withTail);
            } catch (TidemarkError refused) {
                assertThat(refused.code()).as(refused.getMessage()).isEqualTo(ExitCode.NOT_RESTORABLE);
                assertThat(gaps)
                        .as(
                                "%s is refused outside every gap that was made, after %s: %s",
                                at, disaster, refused.getMessage())
                        .anyMatch(gap -> isWithin(at, gap));
                refusals++;
                return;
            }
            RestoreReport report = restorer.restore(
                    plan,
                    RestoreTarget.at(scratch.uri()),
                    RestoreOptions.careful().replacing(),
                    RestoreListener.silent());
            assertThat(report.isProven()).as("its own proof: %s", report).isTrue();
            Verdict verdict = oracle.check(scratch.uri(), at, plan.exactness());
            assertThat(verdict.clean()).as("after %s: %s", disaster, verdict).isTrue();
            tally.add(verdict);
            restores++;
            exactness.add(plan.exactness());
            if (disturbances.stream().noneMatch(each -> isWithin(at, each))) {
                exactnessInPeace.add(plan.exactness());
            }
        }
    }

    private static boolean isWithin(Instant at, TimeRange range) {
        return !at.isBefore(range.from()) && !at.isAfter(range.through());
    }
}
