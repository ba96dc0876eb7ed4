package dev.tidemark.capture.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark.Beat;
import org.junit.jupiter.api.Test;

class BeatsTest {
    private static final int DAYS_OF_BARRIERS = 500_000;

    private final Beats beats = new Beats();

    @Test
    void aKeyThatIsOpenForDaysDoesNotKeepAllTheirBeats() {
        for (long beat = 0; beat < DAYS_OF_BARRIERS; beat++) {
            beats.add(beat(beat));
            beats.forgetBefore(0);
        }

        assertThat(beats.size()).isLessThan(20_000);
        assertThat(beats.at(0)).isEqualTo(beat(0));
        assertThat(beats.at(DAYS_OF_BARRIERS - 1)).isEqualTo(beat(DAYS_OF_BARRIERS - 1));
        assertThat(beats.at(DAYS_OF_BARRIERS - 5_000)).isEqualTo(beat(DAYS_OF_BARRIERS - 5_000));
        for (long asked = 0; asked < DAYS_OF_BARRIERS; asked += 9_999) {
            assertThat(beats.at(asked).beat()).isBetween(asked - 1_000, asked);
        }
    }

    /** A key that became so at a beat that is not kept is open since the one before it. */
    @Test
    void theBeatThatStandsForAnotherIsNotForgottenBeforeIt() {
        beats.add(beat(10));
        beats.add(beat(20));
        beats.forgetBefore(15);

        assertThat(beats.at(15)).isEqualTo(beat(10));
    }

    private static Beat beat(long beat) {
        return new Beat("node", "run", "repl", "watch", beat, beat, beat);
    }
}
