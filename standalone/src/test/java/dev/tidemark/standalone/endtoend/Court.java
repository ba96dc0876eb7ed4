package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.Oracle;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.Tally;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.RestorePlan;
import dev.tidemark.restorer.RestoreReport;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.TimeRange;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Restores to chosen moments, has the oracle judge what came back, and keeps account: which gaps were made on purpose, so
 * that a refusal outside of them is a failure, and how exact the plans said they are.
 */
final class Court implements AutoCloseable {
    /** The most that an event may do to what can be restored. */
    enum Effect {
        NONE,
        /** Everything can be restored, some of it later or less exactly than usual. */
        LATE,
        GAP
    }

    private static final Duration WRITES_WITHIN = Duration.ofMinutes(2);
    private static final int WRITES_AFTER = 200;
    private static final int MORE_MAX = 20;

    private final Deployment deployment;
    private final Oracle oracle;
    private final Scratch scratch;
    private final Random random;
    private final Tally tally = new Tally();
    private final List<TimeRange> gaps = new ArrayList<>();
    private final StatedExactness exactness = new StatedExactness();
    private final Instant from;
    private int restores;
    private int refusals;

    private Court(Deployment deployment, Oracle oracle, Scratch scratch, Random random, Instant from) {
        this.deployment = deployment;
        this.oracle = oracle;
        this.scratch = scratch;
        this.random = random;
        this.from = from;
    }

    /** One that restores into a server like that. */
    static Court convene(Deployment deployment, Oracle oracle, RedisServer.Options into, Random random) {
        return convene(deployment, oracle, () -> Scratch.ofOneServer(into), random);
    }

    /**
     * Lets the oracle write, and waits until the present is restorable.
     *
     * @param into what the restores are made into; the court's from then on
     */
    static Court convene(Deployment deployment, Oracle oracle, Supplier<Scratch> into, Random random) {
        Instant begun = oracle.now();
        oracle.resume();
        Instant from = deployment.awaitProtected(oracle.now()).ranges().get(0).from();
        Court court = new Court(deployment, oracle, into.get(), random, from);
        // What the first resync read was as much, at once, as any burst.
        court.exactness.explainedBy(new TimeRange(begun, oracle.now()));
        return court;
    }

    /** The first restorable moment. */
    Instant from() {
        return from;
    }

    /** Lets something happen under load, waits until it is healed, and judges a moment of it and one of any time. */
    void under(String what, Effect most, Runnable event) {
        Instant before = deployment.points(true).latest().orElseThrow();
        Instant struck = oracle.now();
        event.run();
        deployment.awaitProtected(oracle.now());
        if (most != Effect.NONE) {
            exactness.explainedBy(new TimeRange(struck, oracle.now()));
        }
        oracle.awaitWrites(WRITES_AFTER, WRITES_WITHIN);
        Points healed = deployment.awaitProtected(oracle.now());

        Instant latest = healed.latest().orElseThrow();
        Instant resumed = healed.ranges().get(healed.ranges().size() - 1).from();
        System.out.printf(
                "under=%s healed_after=%s gap=%s%n",
                what,
                Duration.between(struck, latest),
                resumed.isAfter(before) ? Duration.between(before, resumed) : "none");
        if (resumed.isAfter(before)) {
            assertThat(most).as("%s made a gap: %s", what, healed.gaps()).isEqualTo(Effect.GAP);
            gaps.add(new TimeRange(before, resumed));
            lastBefore(resumed, healed).ifPresent(last -> judgeGap(last, resumed, what));
        }
        judge(Oracle.randomInstant(random, struck, latest), true, what);
        judge(Oracle.randomInstant(random, from, latest), true, what);
    }

    private void judgeGap(Instant last, Instant resumed, String what) {
        // What is claimed by mistake is claimed last.
        judge(last, true, what + ", just before its gap");
        Instant inside = last.plus(Duration.between(last, resumed).dividedBy(2));
        assertThat(judge(inside, true, what + ", inside its gap"))
                .as("what a restore to %s reads, after %s", inside, what)
                .isEmpty();
    }

    private static Optional<Instant> lastBefore(Instant resumed, Points points) {
        return points.ranges().stream()
                .map(TimeRange::through)
                .filter(resumed::isAfter)
                .max(Comparator.naturalOrder());
    }

    /** Judges on until each operation was the last word on some key: a rare one may not have been at any moment so far. */
    void judgeOnUntilChecked(Set<Operation> operations) {
        for (int more = 0; more < MORE_MAX && !tally.never(operations).isEmpty(); more++) {
            under("nothing", Effect.NONE, () -> oracle.awaitWrites(WRITES_AFTER, WRITES_WITHIN));
        }
    }

    /**
     * Restores to that moment, by each way in turn, and judges it.
     *
     * @return what was restored; nothing where it is refused, within a gap that was made
     */
    Optional<RestorePlan> judge(Instant at, boolean withTail, String after) {
        try (Restorer restorer = Restorer.open(deployment.settings())) {
            RestorePlan plan;
            try {
                plan = withTail
                        ? Deployment.withTail(() -> restorer.plan(Optional.of(at), true))
                        : restorer.plan(Optional.of(at), false);
            } catch (TidemarkError refused) {
                assertThat(refused.code()).as(refused.getMessage()).isEqualTo(ExitCode.NOT_RESTORABLE);
                assertThat(gaps)
                        .as("%s is refused outside every gap that was made, after %s: %s", at, after, refused)
                        .anyMatch(gap -> isWithin(at, gap));
                refusals++;
                return Optional.empty();
            }
            WayIn way = scratch.next();
            RestoreReport report = way.restore(restorer, plan);
            assertThat(report.isProven())
                    .as("its own proof, %s: %s", nameOf(way), report)
                    .isTrue();
            Verdict verdict = way.judge(oracle, at, plan.exactness());
            assertThat(verdict.clean())
                    .as("after %s, %s: %s", after, nameOf(way), verdict)
                    .isTrue();
            tally.add(verdict);
            restores++;
            exactness.stated(at, plan.exactness());
            return Optional.of(plan);
        }
    }

    private static String nameOf(WayIn way) {
        return way.getClass().getSimpleName();
    }

    /** The end: what was judged, and whether it was exact enough. */
    Tally adjourn() {
        System.out.printf(
                "restores=%d refusals=%d gaps=%d exactness: %s%n%s%n",
                restores, refusals, gaps.size(), exactness, tally);
        assertThat(restores).isPositive();
        exactness.requireExplained();
        return tally;
    }

    private static boolean isWithin(Instant at, TimeRange range) {
        return !at.isBefore(range.from()) && !at.isAfter(range.through());
    }

    @Override
    public void close() {
        scratch.close();
    }
}
