package dev.tidemark.bench;

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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Restores to any moment and has the oracle judge it; knows which gaps were made on purpose. */
final class SoakCourt {
    private final SoakGround ground;
    private final Tally tally = new Tally();
    private final List<TimeRange> injected = new ArrayList<>();
    private final List<TimeRange> struck = new ArrayList<>();
    private final List<Double> exactness = new ArrayList<>();
    private final List<Double> unexplained = new ArrayList<>();
    private int restores;
    private int refusals;

    SoakCourt(SoakGround ground) {
        this.ground = ground;
    }

    /** A fault lasted from the one to the other; no two overlap. */
    void struck(Instant from, Instant healed) {
        struck.add(new TimeRange(from, healed));
    }

    /** A fault that may lose something lasted from the one to the other. */
    void injected(Instant from, Instant healed) {
        injected.add(new TimeRange(from, healed));
    }

    /** @throws TidemarkError the whole verdict, where what was restored is not what was there */
    void judge(Instant at, String after) {
        try (Restorer restorer = Restorer.open(ground.settings())) {
            RestorePlan plan;
            try {
                plan = restorer.plan(Optional.of(at), true);
            } catch (TidemarkError refused) {
                if (refused.code() != ExitCode.NOT_RESTORABLE) {
                    throw refused;
                }
                refusals++;
                return;
            }
            RestoreReport report = restorer.restore(
                    plan,
                    RestoreTarget.at(ground.scratch().uri()),
                    RestoreOptions.careful().replacing(),
                    RestoreListener.silent());
            Verdict verdict = ground.oracle().check(ground.scratch().uri(), at, plan.exactness());
            if (!report.isProven() || !verdict.clean()) {
                throw new TidemarkError(
                        ExitCode.DIFFERENT,
                        "after %s a restore to %s is wrong. Its own proof: %s. The oracle: %s. Logs are in %s"
                                .formatted(after, at, report, verdict, ground.directory()));
            }
            tally.add(verdict);
            restores++;
            exactness.add(seconds(plan.exactness()));
            unexplained.add(seconds(unexplained(at, plan.exactness())));
        }
    }

    /** A moment of a gap, to which nothing may be restored. */
    void judgeGap(Points.Unrestorable gap, String after) {
        Instant inside =
                gap.after().plus(Duration.between(gap.after(), gap.before()).dividedBy(2));
        int before = refusals;
        judge(inside, after);
        if (refusals == before) {
            throw new TidemarkError(
                    ExitCode.DIFFERENT,
                    "after %s a restore to %s, inside the gap from %s to %s, was not refused. Logs are in %s"
                            .formatted(after, inside, gap.after(), gap.before(), ground.directory()));
        }
    }

    /** Gaps that no fault explains. */
    List<Points.Unrestorable> unexplained(Points points) {
        return points.gaps().stream()
                .filter(gap -> injected.stream()
                        .noneMatch(made -> !gap.after().isAfter(made.through())
                                && !gap.before().isBefore(made.from())))
                .toList();
    }

    /** A key that is touched before a fault and read after it may have changed at any moment between: that much is explained. */
    private Duration unexplained(Instant at, Duration stated) {
        Instant from = at.minus(stated);
        Duration left = stated;
        for (TimeRange fault : struck) {
            Instant begin = from.isAfter(fault.from()) ? from : fault.from();
            Instant end = at.isBefore(fault.through()) ? at : fault.through();
            if (begin.isBefore(end)) {
                left = left.minus(Duration.between(begin, end));
            }
        }
        return left;
    }

    Samples exactness() {
        return new Samples(exactness);
    }

    /** What no fault explains of it. */
    Samples unexplainedExactness() {
        return new Samples(unexplained);
    }

    String account() {
        return "%d restores judged, %d refused as inside a gap, %d gaps injected; %s"
                .formatted(
                        restores,
                        refusals,
                        injected.size(),
                        tally.toString().lines().findFirst().orElse(""));
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
