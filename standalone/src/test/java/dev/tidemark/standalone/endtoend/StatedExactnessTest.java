package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.restorer.TimeRange;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That the end-to-end tests fail for an exactness that has no reason, and only then. */
class StatedExactnessTest {
    private static final Instant STRUCK = Instant.parse("2026-11-20T14:00:00Z");
    private static final Instant CAUGHT_UP = STRUCK.plusSeconds(18);

    private final StatedExactness exactness = new StatedExactness();

    @BeforeEach
    void oneOutage() {
        exactness.explainedBy(new TimeRange(STRUCK, CAUGHT_UP));
    }

    @Test
    void anOutageExplainsItsOwnLength() {
        exactness.stated(CAUGHT_UP, Duration.ofMillis(19_300));

        assertThatCode(exactness::requireExplained).doesNotThrowAnyException();
    }

    @Test
    void anOutageExplainsNothingThatCameBeforeOrAfterIt() {
        peaceful(3);
        exactness.stated(STRUCK, Duration.ofSeconds(10));

        assertThatThrownBy(exactness::requireExplained).isInstanceOf(AssertionError.class);
    }

    @Test
    void anOutageExplainsOnlyThePartOfItThatWasWaitedFor() {
        peaceful(3);
        exactness.stated(CAUGHT_UP.plusSeconds(11), Duration.ofSeconds(12));

        assertThatThrownBy(exactness::requireExplained).isInstanceOf(AssertionError.class);
    }

    @Test
    void oneMomentOfABusyMachineIsForgivenAndAHabitIsNot() {
        peaceful(3);
        exactness.stated(STRUCK.minusSeconds(60), Duration.ofSeconds(5));
        assertThatCode(exactness::requireExplained).doesNotThrowAnyException();

        for (int i = 0; i < 4; i++) {
            exactness.stated(STRUCK.minusSeconds(60), Duration.ofSeconds(3));
        }
        assertThatThrownBy(exactness::requireExplained).isInstanceOf(AssertionError.class);
    }

    private void peaceful(int times) {
        for (int i = 0; i < times; i++) {
            exactness.stated(STRUCK.minusSeconds(30L * i), Duration.ofSeconds(1));
        }
    }
}
