package dev.tidemark.restorer.look;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.look.Problem.Kind;
import dev.tidemark.restorer.look.Protection.Baselines;
import dev.tidemark.restorer.look.Protection.Drilled;
import dev.tidemark.restorer.look.Protection.OpenGap;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProtectionTest {
    private static final Instant NOW = Instant.parse("2026-11-20T14:00:00Z");
    private static final Duration TARGET = Duration.ofMinutes(5);

    @Test
    void aSourceWithinItsTargetIsProtected() {
        assertThat(kinds(Optional.of(TARGET), 0, Optional.empty(), Optional.empty()))
                .isEmpty();
    }

    @Test
    void everyProblemIsToldTheWorstFirst() {
        assertThat(kinds(
                        Optional.of(TARGET.plusSeconds(1)),
                        2,
                        Optional.of(new OpenGap(NOW.minusSeconds(400), "failover")),
                        Optional.of(new Drilled(NOW.minusSeconds(1), false, Optional.empty()))))
                .containsExactly(Kind.ARCHIVE_DAMAGED, Kind.OPEN_GAP, Kind.RPO_OVER_TARGET, Kind.DRILL_FAILED);
        assertThat(kinds(Optional.empty(), 0, Optional.empty(), Optional.empty()))
                .containsExactly(Kind.NOTHING_RESTORABLE);
    }

    @Test
    void aDrillIsOverdueOnceOneWasMissedAltogether() {
        Duration every = Duration.ofHours(6);

        assertThat(drilled(every.multipliedBy(2).minusSeconds(1), every)).isEmpty();
        assertThat(drilled(every.multipliedBy(2).plusSeconds(1), every)).containsExactly(Kind.DRILL_OVERDUE);
    }

    @Test
    void aDayBehindWithRollingIsDegraded() {
        assertThat(rolling(Duration.ofDays(1))).isEmpty();
        assertThat(rolling(Duration.ofDays(1).plusSeconds(1))).containsExactly(Kind.ROLLING_BEHIND);
    }

    @Test
    void aBaselineIsStaleOnceOneWasMissedAltogetherButNeverForAQuarterOfAnHour() {
        Duration day = Duration.ofDays(1);
        assertThat(baseline(day.multipliedBy(2), day)).isEmpty();
        assertThat(baseline(day.multipliedBy(2).plusSeconds(1), day)).containsExactly(Kind.BASELINE_STALE);

        Duration minute = Duration.ofMinutes(1);
        assertThat(baseline(Duration.ofMinutes(16), minute)).isEmpty();
        assertThat(baseline(Duration.ofMinutes(16).plusSeconds(1), minute)).containsExactly(Kind.BASELINE_STALE);
    }

    private static List<Kind> baseline(Duration ago, Duration every) {
        return kinds(new Protection(
                NOW,
                Optional.of(TARGET),
                TARGET,
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Baselines(NOW.minus(ago), true, every)),
                Duration.ZERO));
    }

    private static List<Kind> rolling(Duration behind) {
        return kinds(new Protection(
                NOW, Optional.of(TARGET), TARGET, 0, Optional.empty(), Optional.empty(), Optional.empty(), behind));
    }

    private static List<Kind> drilled(Duration ago, Duration every) {
        Instant at = NOW.minus(ago);
        return kinds(
                Optional.of(TARGET),
                0,
                Optional.empty(),
                Optional.of(new Drilled(at, true, Optional.of(at.plus(every)))));
    }

    private static List<Kind> kinds(
            Optional<Duration> rpo, int holes, Optional<OpenGap> openGap, Optional<Drilled> drill) {
        return kinds(new Protection(NOW, rpo, TARGET, holes, openGap, drill, Optional.empty(), Duration.ZERO));
    }

    private static List<Kind> kinds(Protection protection) {
        return protection.problems().stream().map(Problem::kind).toList();
    }
}
