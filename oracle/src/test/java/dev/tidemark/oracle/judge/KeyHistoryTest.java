package dev.tidemark.oracle.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyHistoryTest {
    private static final KeyState A = new KeyState(ValueType.STRING, 1, 1, KeyState.NEVER);
    private static final List<ValueType> TYPES = List.of(ValueType.values());
    private static final List<Operation> OPERATIONS = List.of(Operation.values());

    @Test
    void givesBackWhatWasAppended() {
        Random random = new Random(1);
        KeyHistory history = new KeyHistory(1_000);
        List<Written> appended = new ArrayList<>();
        long from = 1_795_184_023_010_626L;
        for (int i = 0; i < 1_000; i++) {
            from += random.nextInt(1_000_000);
            KeyState state = new KeyState(
                    TYPES.get(random.nextInt(TYPES.size())),
                    random.nextLong(),
                    random.nextLong(),
                    random.nextBoolean() ? KeyState.NEVER : from / 1_000 + random.nextInt());
            Operation by = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
            Written write = new Written(state, from, from + (random.nextLong() >>> 20), by);
            appended.add(write);
            history.append(write);
        }

        assertThat(history.past().writes()).isEqualTo(appended);
        assertThat(history.last()).isEqualTo(appended.get(999).state());
        assertThat(history.forgottenThroughMicros()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void forgetsItsOlderHalfWhenFullAndSaysSo() {
        KeyHistory history = new KeyHistory(4);
        for (int i = 0; i < 5; i++) {
            history.append(new Written(A, 10L * i, 10L * i + 3, Operation.SET));
        }

        assertThat(history.past().writes()).extracting(Written::fromMicros).containsExactly(20L, 30L, 40L);
        assertThat(history.past().forgotten()).isTrue();
        // Until 23 the forgotten write before it may still have held.
        assertThat(history.forgottenThroughMicros()).isEqualTo(23);
    }

    @Test
    void isPendingFromTheSendingUntilTheOutcome() {
        KeyHistory history = new KeyHistory(4);
        history.append(new Written(A, 0, 0, Operation.FOUND));

        history.pending(5);
        assertThat(history.past().pendingSinceMicros()).isEqualTo(5);
        history.settled();
        assertThat(history.past().isPending()).isFalse();

        history.pending(6);
        history.append(new Written(A, 7, 8, Operation.SET));
        assertThat(history.past().isPending()).isFalse();
    }

    @Test
    void refusesAClockThatStepsBack() {
        KeyHistory history = new KeyHistory(4);
        history.append(new Written(A, 10, 12, Operation.SET));

        assertThatThrownBy(() -> history.append(new Written(A, 9, 13, Operation.SET)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("stepped back");
    }

    @Test
    void namesTheLastOperationBeforeAnInstant() {
        KeyHistory history = new KeyHistory(4);
        history.append(new Written(KeyState.ABSENT, 10, 10, Operation.FOUND));
        history.append(new Written(A, 20, 25, Operation.SET));

        assertThat(history.past().lastOperationBefore(5)).isEqualTo(Operation.FOUND);
        assertThat(history.past().lastOperationBefore(19)).isEqualTo(Operation.FOUND);
        assertThat(history.past().lastOperationBefore(20)).isEqualTo(Operation.SET);
    }
}
