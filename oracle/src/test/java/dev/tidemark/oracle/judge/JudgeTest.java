package dev.tidemark.oracle.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of the judge, one by one. Times are milliseconds here, a thousand microseconds each. */
class JudgeTest {
    private static final KeyState A = new KeyState(ValueType.STRING, 1, 1, KeyState.NEVER);
    private static final KeyState B = new KeyState(ValueType.STRING, 2, 2, KeyState.NEVER);
    private static final KeyState C = new KeyState(ValueType.HASH, 2, 2, KeyState.NEVER);
    private static final long LONG_AFTER = 1_000_000;

    /** Absent until 10, A until somewhere in 20..25, then B. */
    private final List<Written> aThenB = List.of(write(KeyState.ABSENT, 0, 0), write(A, 10, 10), write(B, 20, 25));

    @Test
    void aStateOfTheWindowIsRight() {
        assertRight(aThenB, A, 12, 15);
        assertRight(aThenB, KeyState.ABSENT, 3, 5);
        assertRight(aThenB, B, 30, 40);
    }

    @Test
    void bothStatesAreRightWhereTheWriteMayHaveBeenAtAnyInstant() {
        assertRight(aThenB, A, 25, 25);
        assertRight(aThenB, B, 20, 20);
    }

    @Test
    void aStateBeforeOrAfterTheWindowIsStale() {
        assertWrong(Fault.STALE, aThenB, A, 26, 30);
        assertWrong(Fault.STALE, aThenB, B, 12, 19);
    }

    @Test
    void aKeyThatWasThereInTheWholeWindowMustNotBeMissing() {
        assertWrong(Fault.MISSING, aThenB, KeyState.ABSENT, 11, 40);
        assertRight(aThenB, KeyState.ABSENT, 10, 40);
    }

    @Test
    void aKeyThatWasAbsentInTheWholeWindowMustNotBeThere() {
        assertWrong(Fault.EXTRA, aThenB, A, 3, 9);
    }

    @Test
    void bytesItNeverHadAreWrong() {
        assertWrong(Fault.WRONG_BYTES, aThenB, new KeyState(ValueType.STRING, 9, 9, KeyState.NEVER), 12, 15);
    }

    @Test
    void theSameBytesOfAnotherTypeAreWrong() {
        assertWrong(Fault.WRONG_BYTES, aThenB, C, 30, 40);
    }

    @Test
    void theRightBytesWithAnotherExpiryAreWrong() {
        List<Written> history = List.of(write(A.expiringAt(500), 10, 10));

        assertRight(history, A.expiringAt(500), 20, 30);
        assertWrong(Fault.WRONG_TTL, history, A.expiringAt(501), 20, 30);
        assertWrong(Fault.WRONG_TTL, history, A, 20, 30);
        assertWrong(Fault.WRONG_TTL, List.of(write(A, 10, 10)), A.expiringAt(500), 20, 30);
    }

    @Test
    void anExpiryMayBeOffByTheTolerance() {
        KeyHistory.Past past = KeyHistory.Past.settled(List.of(write(A.expiringAt(500), 10, 10)));
        Judge tolerant = new Judge(window(20, 30), LONG_AFTER, 2);

        assertThat(tolerant.judge(past, A.expiringAt(502))).isEqualTo(new Judgement.Right());
        assertThat(tolerant.judge(past, A.expiringAt(503))).isInstanceOf(Judgement.Wrong.class);
    }

    @Test
    void anExpiredKeyIsAbsentWithoutAnybodyDeletingIt() {
        List<Written> history = List.of(write(A.expiringAt(50), 10, 10));

        assertRight(history, KeyState.ABSENT, 50, 60);
        assertRight(history, A.expiringAt(50), 40, 60);
        assertWrong(Fault.EXTRA, history, A.expiringAt(50), 51, 60);
    }

    @Test
    void withinTheMillisecondOfItsExpiryAKeyMayBeThereOrNot() {
        List<Written> history = List.of(write(A.expiringAt(50), 10, 10));

        assertRight(history, A.expiringAt(50), 50, 50);
        assertRight(history, KeyState.ABSENT, 50, 50);
    }

    @Test
    void aKeyThatExpiredSinceIsRightlyGone() {
        KeyHistory.Past past = KeyHistory.Past.settled(List.of(write(A.expiringAt(50), 10, 10)));

        assertThat(new Judge(window(20, 30), millis(50), 0).judge(past, KeyState.ABSENT))
                .isEqualTo(new Judgement.ExpiredSince());
        assertThat(new Judge(window(20, 30), millis(49), 0).judge(past, KeyState.ABSENT))
                .isInstanceOf(Judgement.Wrong.class);
    }

    @Test
    void anExpiryThatWasTakenAwayInTimeExcusesNothing() {
        List<Written> history = List.of(write(A.expiringAt(50), 10, 10), write(A, 20, 20));

        assertWrong(Fault.MISSING, history, KeyState.ABSENT, 60, 70);
        assertRight(history, A, 60, 70);
    }

    @Test
    void anExpiryThatWasTakenAwayBeforeTheWindowExcusesNothingWhenItHasPassed() {
        List<Written> history = List.of(write(A.expiringAt(50), 10, 10), write(A, 20, 20));
        Judge judge = new Judge(window(30, 40), LONG_AFTER, 0);

        assertThat(judge.judge(KeyHistory.Past.settled(history), KeyState.ABSENT))
                .isInstanceOf(Judgement.Wrong.class);
    }

    @Test
    void whatAWriteInFlightMayHaveDoneIsUndecided() {
        KeyHistory.Past past = new KeyHistory.Past(aThenB, millis(50), false);
        Judgement undecided = new Judgement.Undecided();

        assertThat(new Judge(window(40, 60), LONG_AFTER, 0).judge(past, C)).isEqualTo(undecided);
        assertThat(new Judge(window(40, 60), LONG_AFTER, 0).judge(past, KeyState.ABSENT))
                .isEqualTo(undecided);
        assertThat(new Judge(window(40, 60), LONG_AFTER, 0).judge(past, B)).isEqualTo(new Judgement.Right());
        assertThat(new Judge(window(40, 49), LONG_AFTER, 0).judge(past, C)).isInstanceOf(Judgement.Wrong.class);
    }

    @Test
    void aStateNobodySawIsUndecidedOnlyWhileItMayHaveHeld() {
        List<Written> history =
                List.of(write(A, 10, 10), write(KeyState.UNKNOWN, 20, 30), write(KeyState.ABSENT, 20, 30));
        KeyHistory.Past past = KeyHistory.Past.settled(history);

        assertThat(new Judge(window(25, 26), LONG_AFTER, 0).judge(past, B)).isEqualTo(new Judgement.Undecided());
        assertThat(new Judge(window(31, 32), LONG_AFTER, 0).judge(past, B)).isInstanceOf(Judgement.Wrong.class);
        assertRight(history, KeyState.ABSENT, 31, 32);
    }

    @Test
    void whatTheFirstEntryFoundHadBeenThereBefore() {
        List<Written> history = List.of(write(A, 10, 10), write(B, 20, 20));

        assertRight(history, A, 1, 2);
        assertWrong(Fault.STALE, history, B, 1, 2);
    }

    private static void assertRight(List<Written> history, KeyState found, long fromMillis, long throughMillis) {
        assertThat(judge(history, found, fromMillis, throughMillis)).isEqualTo(new Judgement.Right());
    }

    private static void assertWrong(
            Fault fault, List<Written> history, KeyState found, long fromMillis, long throughMillis) {
        assertThat(judge(history, found, fromMillis, throughMillis))
                .isInstanceOfSatisfying(Judgement.Wrong.class, wrong -> assertThat(wrong.fault())
                        .isEqualTo(fault));
    }

    private static Judgement judge(List<Written> history, KeyState found, long fromMillis, long throughMillis) {
        return new Judge(window(fromMillis, throughMillis), millis(throughMillis), 0)
                .judge(KeyHistory.Past.settled(history), found);
    }

    private static Window window(long fromMillis, long throughMillis) {
        return new Window(millis(fromMillis), millis(throughMillis));
    }

    private static Written write(KeyState state, long fromMillis, long throughMillis) {
        return new Written(state, millis(fromMillis), millis(throughMillis), Operation.SET);
    }

    private static long millis(long millis) {
        return millis * 1_000;
    }
}
