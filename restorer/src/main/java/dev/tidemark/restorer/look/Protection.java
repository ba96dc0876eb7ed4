package dev.tidemark.restorer.look;

import dev.tidemark.restorer.look.Problem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of a source, from which it follows whether it is protected.
 *
 * @param rpo the age of the latest that can be restored; empty when nothing can be
 * @param holes in the archive
 * @param openGap why nothing is claimed since the latest that can be restored
 * @param drill the last one
 * @param baselines those that are taken by an interval, if any
 * @param rollingBehind how long the oldest hour that is not rolled up has been over
 */
public record Protection(
        Instant now,
        Optional<Duration> rpo,
        Duration rpoTarget,
        int holes,
        Optional<OpenGap> openGap,
        Optional<Drilled> drill,
        Optional<Baselines> baselines,
        Duration rollingBehind) {
    /** A large one takes its time, and whoever takes it waits so long after a failure. */
    private static final Duration BASELINE_LATE_MIN = Duration.ofMinutes(15);

    private static final Duration ROLLING_BEHIND_MAX = Duration.ofDays(1);

    public Protection {
        Objects.requireNonNull(now, "now");
        Objects.requireNonNull(rpo, "rpo");
        Objects.requireNonNull(rpoTarget, "rpoTarget");
        Objects.requireNonNull(openGap, "openGap");
        Objects.requireNonNull(drill, "drill");
        Objects.requireNonNull(baselines, "baselines");
        Objects.requireNonNull(rollingBehind, "rollingBehind");
    }

    /** A doubt that is not cured. */
    public record OpenGap(Instant since, String reason) {
        public OpenGap {
            Objects.requireNonNull(since, "since");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** The last drill, as far as it matters here. */
    public record Drilled(Instant at, boolean passed, Optional<Instant> nextDue) {
        public Drilled {
            Objects.requireNonNull(at, "at");
            Objects.requireNonNull(nextDue, "nextDue");
        }
    }

    /**
     * The baselines, as far as they matter here.
     *
     * @param since when the newest whole one was begun, or, where there is none, the first could have been
     */
    public record Baselines(Instant since, boolean isAny, Duration interval) {
        public Baselines {
            Objects.requireNonNull(since, "since");
            Objects.requireNonNull(interval, "interval");
        }
    }

    /** None when it is protected. */
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (rpo.isEmpty()) {
            problems.add(new Problem(
                    Kind.NOTHING_RESTORABLE,
                    "nothing can be restored: the first resync has not ended, or a part of the archive is missing"));
        }
        if (holes > 0) {
            problems.add(new Problem(
                    Kind.ARCHIVE_DAMAGED,
                    "the archive lacks a part in %d places; 'tidemark points' names them".formatted(holes)));
        }
        openGap.ifPresent(gap -> problems.add(new Problem(
                Kind.OPEN_GAP,
                "nothing is protected since %s: %s; until its cure has ended this grows"
                        .formatted(gap.since, gap.reason))));
        rpo.filter(age -> age.compareTo(rpoTarget) > 0)
                .ifPresent(age -> problems.add(new Problem(
                        Kind.RPO_OVER_TARGET,
                        "the last %s would be lost now, and the target is %s; are capture and the compactor running?"
                                .formatted(seconds(age), seconds(rpoTarget)))));
        drill.ifPresent(last -> add(problems, last));
        baselines.ifPresent(wanted -> add(problems, wanted));
        if (rollingBehind.compareTo(ROLLING_BEHIND_MAX) > 0) {
            problems.add(new Problem(
                    Kind.ROLLING_BEHIND,
                    "hours are rolled up %d h late; every time can be restored all the same, queries read more files"
                            .formatted(rollingBehind.toHours())));
        }
        return List.copyOf(problems);
    }

    private void add(List<Problem> problems, Drilled last) {
        if (!last.passed) {
            problems.add(new Problem(Kind.DRILL_FAILED, "the last drill, of %s, failed".formatted(last.at)));
        }
        // One that is merely running late is no news; one that was missed altogether is.
        last.nextDue
                .filter(due -> now.isAfter(due.plus(Duration.between(last.at, due))))
                .ifPresent(due -> problems.add(new Problem(
                        Kind.DRILL_OVERDUE, "no drill since %s; one was due at %s".formatted(last.at, due))));
    }

    private void add(List<Problem> problems, Baselines wanted) {
        Duration late = wanted.interval.compareTo(BASELINE_LATE_MIN) < 0 ? BASELINE_LATE_MIN : wanted.interval;
        if (now.isAfter(wanted.since.plus(wanted.interval).plus(late))) {
            problems.add(new Problem(
                    Kind.BASELINE_STALE,
                    "%s, and one is due every %s; every time can be restored all the same, and reads more of the log. 'tidemark baseline' takes one now"
                            .formatted(
                                    wanted.isAny
                                            ? "the newest whole baseline is of " + wanted.since
                                            : "there is no whole baseline",
                                    seconds(wanted.interval))));
        }
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%,d s", duration.toSeconds());
    }
}
