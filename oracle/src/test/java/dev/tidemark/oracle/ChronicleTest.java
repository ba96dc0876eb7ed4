package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.judge.Judge;
import dev.tidemark.oracle.judge.Judgement;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyHistory;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.ValueType;
import dev.tidemark.oracle.judge.Window;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is logged of an outcome, known, lost or overtaken. Times are milliseconds here. */
class ChronicleTest {
    private static final Key KEY = Key.utf8("k");
    private static final KeyState A = new KeyState(ValueType.STRING, 1, 1, KeyState.NEVER);
    private static final KeyState B = new KeyState(ValueType.STRING, 2, 2, KeyState.NEVER);

    private final Chronicle chronicle = new Chronicle(100);
    private final KeyHistory history = chronicle.historyOf(KEY);

    @BeforeEach
    void findTheKeyAbsent() {
        chronicle.found(sighting(KeyState.ABSENT, 0, 1));
    }

    @Test
    void aLostWriteThatLeftAStateMayHaveDoneSoAtAnyInstantSinceItWasSent() {
        history.pending(millis(10));

        chronicle.recovered(history, millis(10), sighting(A, 50, 51), Operation.SET);

        assertRight(A, 10);
        assertRight(KeyState.ABSENT, 40);
        assertWrong(KeyState.ABSENT, 60);
        assertWrong(A, 9);
        assertWrong(B, 20);
    }

    @Test
    void aLostWriteThatLeftNothingMayHaveLeftSomethingThatExpired() {
        history.pending(millis(10));

        chronicle.recovered(history, millis(10), sighting(KeyState.ABSENT, 50, 51), Operation.SET_PX);

        assertThat(judge(B, 20)).isEqualTo(new Judgement.Undecided());
        assertWrong(B, 9);
        assertWrong(B, 60);
        assertRight(KeyState.ABSENT, 60);
    }

    @Test
    void aLostWriteThatChangedNothingLeavesNoTrace() {
        chronicle.wrote(history, A, millis(5), millis(6), Operation.SET);
        history.pending(millis(10));

        chronicle.recovered(history, millis(10), sighting(A, 50, 51), Operation.SET_XX);

        assertRight(A, 20);
        assertWrong(B, 20);
        assertThat(history.past().writes()).hasSize(2);
    }

    @Test
    void aKeyThatHadExpiredBeforeTheWriteBeganIsNoNews() {
        chronicle.wrote(history, A.expiringAt(20), millis(5), millis(6), Operation.SET_PX);

        chronicle.wrote(history, KeyState.ABSENT, millis(30), millis(31), Operation.GETDEL);

        assertThat(history.past().writes()).hasSize(2);
        assertRight(KeyState.ABSENT, 25);
        assertWrong(KeyState.ABSENT, 10);
    }

    @Test
    void aKeyAboutToExpireMayHaveBeenDeletedJustBefore() {
        chronicle.wrote(history, A.expiringAt(30), millis(5), millis(6), Operation.SET_PX);

        chronicle.wrote(history, KeyState.ABSENT, millis(28), millis(31), Operation.DEL);

        assertRight(KeyState.ABSENT, 28);
    }

    @Test
    void whatWasInFlightWhenTheDataWasReplacedIsUndecidedUntilItWasReadAnew() {
        chronicle.wrote(history, A, millis(5), millis(6), Operation.SET);
        history.pending(millis(10));

        chronicle.worldReplaced(sighting(A, 50, 51), millis(12));

        assertThat(judge(B, 20)).isEqualTo(new Judgement.Undecided());
        assertRight(A, 20);
        assertWrong(B, 9);
        assertWrong(B, 52);
        assertRight(A, 52);
    }

    @Test
    void anOlderStateMayHaveComeBackAndExpiredUnseen() {
        chronicle.wrote(history, B.expiringAt(30), millis(5), millis(6), Operation.SET_PX);
        chronicle.wrote(history, KeyState.ABSENT, millis(8), millis(9), Operation.DEL);

        chronicle.worldReplaced(sighting(KeyState.ABSENT, 50, 51), millis(12));

        assertThat(judge(B.expiringAt(30), 20)).isEqualTo(new Judgement.Undecided());
        assertWrong(B.expiringAt(30), 60);
    }

    @Test
    void aStateThatWasReplacedMayHaveLastedUntilTheNewOneWasRead() {
        chronicle.wrote(history, A, millis(5), millis(6), Operation.SET);

        chronicle.worldReplaced(sighting(B, 50, 51), millis(12));

        assertRight(A, 40);
        assertRight(B, 12);
        assertWrong(A, 52);
        assertWrong(B, 11);
    }

    private void assertRight(KeyState found, long atMillis) {
        assertThat(judge(found, atMillis)).isEqualTo(new Judgement.Right());
    }

    private void assertWrong(KeyState found, long atMillis) {
        assertThat(judge(found, atMillis)).isInstanceOf(Judgement.Wrong.class);
    }

    private Judgement judge(KeyState found, long atMillis) {
        Window window = new Window(millis(atMillis), millis(atMillis));
        return new Judge(window, window.throughMicros(), 0).judge(history.past(), found);
    }

    private static Sighting sighting(KeyState state, long fromMillis, long throughMillis) {
        return new Sighting(KEY, state, millis(fromMillis), millis(throughMillis));
    }

    private static long millis(long millis) {
        return millis * 1_000;
    }
}
