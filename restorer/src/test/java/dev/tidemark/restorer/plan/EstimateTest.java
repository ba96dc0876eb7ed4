package dev.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.plan.Estimate.Measured;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EstimateTest {
    @Test
    void theSameRestoreAgainTakesAsLongAsItTook() {
        Measured last = new Measured(900_000_000, 400_000, Duration.ofSeconds(17));

        assertThat(Estimate.of(900_000_000, 400_000, Optional.of(last))).isEqualTo(Duration.ofSeconds(17));
    }

    @Test
    void tenTimesTheDataTakesAboutTenTimesAsLongOnTheSameMachine() {
        Measured last = new Measured(900_000_000, 400_000, Duration.ofSeconds(17));

        assertThat(Estimate.of(9_000_000_000L, 4_000_000, Optional.of(last)))
                .isBetween(Duration.ofSeconds(160), Duration.ofSeconds(170));
    }

    @Test
    void withoutAMeasureItIsAGuess() {
        assertThat(Estimate.of(200_000_000, 0, Optional.empty())).isEqualTo(Duration.ofSeconds(11));
        assertThat(Estimate.of(0, 0, Optional.empty())).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aMeasureThatCannotBeIsNotBelieved() {
        Measured asleep = new Measured(0, 0, Duration.ofDays(3));

        assertThat(Estimate.of(0, 0, Optional.of(asleep))).isEqualTo(Duration.ofSeconds(50));
    }
}
