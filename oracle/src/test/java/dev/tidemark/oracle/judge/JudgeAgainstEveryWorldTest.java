package dev.tidemark.oracle.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * The judge against brute force: every possible world of a small history (each write at each millisecond it may have
 * happened at, in order), each world looked at in each millisecond of the window.
 */
class JudgeAgainstEveryWorldTest {
    private static final int HORIZON_MILLIS = 24;

    @Property(tries = 20_000)
    void acceptsExactlyWhatSomeWorldHeldInTheWindow(@ForAll long seed) {
        Random random = new Random(seed);
        List<Written> history = history(random);
        int through = random.nextInt(HORIZON_MILLIS);
        int from = Math.max(0, through - random.nextInt(6));
        int checkedAt = through + random.nextInt(12);

        Set<KeyState> held = heldInSomeWorld(history, from, through);
        Judge judge = new Judge(new Window(millis(from), millis(through)), millis(checkedAt), 0);

        for (KeyState found : candidates()) {
            Judgement judgement = judge.judge(KeyHistory.Past.settled(history), found);
            assertThat(judgement)
                    .as("%s found in [%d, %d] after %s", found, from, through, history)
                    .isInstanceOf(expected(held, found, checkedAt));
            if (judgement instanceof Judgement.Wrong wrong) {
                assertThat(wrong.fault()).isEqualTo(expectedFault(history, held, found));
            }
        }
    }

    private static Class<? extends Judgement> expected(Set<KeyState> held, KeyState found, int checkedAt) {
        if (held.contains(found)) {
            return Judgement.Right.class;
        }
        boolean expiredSince = held.stream().anyMatch(state -> state.expires() && state.expireAtMillis() <= checkedAt);
        return found.absent() && expiredSince ? Judgement.ExpiredSince.class : Judgement.Wrong.class;
    }

    private static Fault expectedFault(List<Written> history, Set<KeyState> held, KeyState found) {
        if (found.absent()) {
            return Fault.MISSING;
        }
        if (held.stream().allMatch(KeyState::absent)) {
            return Fault.EXTRA;
        }
        if (held.stream().anyMatch(found::sameBytes)) {
            return Fault.WRONG_TTL;
        }
        return history.stream().anyMatch(write -> write.state().sameBytes(found)) ? Fault.STALE : Fault.WRONG_BYTES;
    }

    private static Set<KeyState> heldInSomeWorld(List<Written> history, int from, int through) {
        Set<KeyState> held = new HashSet<>();
        imagine(history, new ArrayList<>(), from, through, held);
        return held;
    }

    private static void imagine(
            List<Written> history, List<Integer> instants, int from, int through, Set<KeyState> held) {
        if (instants.size() == history.size()) {
            for (int now = from; now <= through; now++) {
                look(history, instants, now, held);
            }
            return;
        }
        Written next = history.get(instants.size());
        int earliest = instants.isEmpty() ? 0 : instants.get(instants.size() - 1);
        for (int at = Math.max(earliest, wholeMillis(next.fromMicros()));
                at <= wholeMillis(next.throughMicros());
                at++) {
            instants.add(at);
            imagine(history, instants, from, through, held);
            instants.remove(instants.size() - 1);
        }
    }

    /** At the very instant of a write both what was and what is may be seen. */
    private static void look(List<Written> history, List<Integer> instants, int now, Set<KeyState> held) {
        for (int i = 0; i < history.size(); i++) {
            boolean begun = i == 0 || instants.get(i) <= now;
            boolean over = i + 1 < history.size() && instants.get(i + 1) < now;
            if (begun && !over) {
                KeyState state = history.get(i).state();
                if (state.absent() || !state.expires() || now <= state.expireAtMillis()) {
                    held.add(state);
                }
                if (state.expires() && now >= state.expireAtMillis()) {
                    held.add(KeyState.ABSENT);
                }
            }
        }
    }

    private static List<Written> history(Random random) {
        List<Written> history = new ArrayList<>();
        int from = 0;
        int through = 0;
        int writes = 1 + random.nextInt(4);
        for (int i = 0; i < writes; i++) {
            from += random.nextInt(5);
            through = Math.max(through, from + random.nextInt(4));
            KeyState state = candidates().get(random.nextInt(candidates().size()));
            history.add(new Written(state, millis(from), millis(through), Operation.SET));
        }
        return history;
    }

    private static List<KeyState> candidates() {
        List<KeyState> candidates = new ArrayList<>();
        candidates.add(KeyState.ABSENT);
        for (int digest = 1; digest <= 3; digest++) {
            KeyState state = new KeyState(ValueType.STRING, digest, 0, KeyState.NEVER);
            candidates.add(state);
            candidates.add(state.expiringAt(7));
            candidates.add(state.expiringAt(15));
        }
        return candidates;
    }

    private static int wholeMillis(long micros) {
        return (int) (micros / 1_000);
    }

    private static long millis(int millis) {
        return millis * 1_000L;
    }
}
