package dev.tidemark.oracle.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final KeyState STATE = CanonicalForm.string(new byte[] {1});
    private static final KeyHistory.Past SET_AT_5 =
            KeyHistory.Past.settled(List.of(new Written(STATE, 5, 5, Operation.SET)));

    @Test
    void sumsVerdictsAndNamesWhatWasNeverChecked() {
        Tally tally = new Tally();
        tally.add(hear(STATE));
        tally.add(hear(KeyState.ABSENT));

        assertThat(tally.verdicts()).isEqualTo(2);
        assertThat(tally.count(Operation.SET)).isEqualTo(2);
        assertThat(tally.count(ValueType.STRING)).isEqualTo(1);
        assertThat(tally.count(ValueType.ABSENT)).isEqualTo(1);
        assertThat(tally.toString()).contains("2 verdicts, 1 wrong");
        assertThatCode(() -> tally.requireAll(Set.of(Operation.SET))).doesNotThrowAnyException();
        assertThatThrownBy(() -> tally.requireAll(Set.of(Operation.SET, Operation.LMOVE, Operation.EVAL)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("[LMOVE, EVAL]");
    }

    @Test
    void aVerdictSaysShortlyWhatIsWrongAndKeepsOnlySoMuch() {
        Trial trial = new Trial(new Judge(new Window(10, 20), 30, 0), 20);
        for (int i = 0; i < 500; i++) {
            trial.hear(Key.utf8("k\n" + i), SET_AT_5, KeyState.ABSENT);
        }

        Verdict verdict = trial.verdict(Instant.EPOCH, Duration.ZERO);

        assertThat(verdict.clean()).isFalse();
        assertThat(verdict.count(Fault.MISSING)).isEqualTo(500);
        assertThat(verdict.violations()).hasSize(Verdict.VIOLATIONS_KEPT_MAX);
        assertThat(verdict.toString())
                .startsWith("WRONG: 500 MISSING of 500 keys")
                .contains("\"k\\x0a0\"");
        assertThat(verdict.toString().lines().count()).isLessThan(15);
    }

    private static Verdict hear(KeyState found) {
        Trial trial = new Trial(new Judge(new Window(10, 20), 30, 0), 20);
        trial.hear(Key.utf8("k"), SET_AT_5, found);
        return trial.verdict(Instant.EPOCH, Duration.ZERO);
    }
}
