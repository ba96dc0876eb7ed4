package dev.tidemark.oracle.judge;

import java.util.ArrayList;
import java.util.List;

/**
 * Judges one key: what was found against what it may have held at some instant of the window.
 *
 * <p>A write's state may have held from the earliest instant of that write to the latest instant of the next one.
 * Redis itself serves a key until the millisecond of its expiry has passed, but deletes at once one whose expiry is
 * set to the current millisecond; so within that one millisecond both present and absent are true.
 */
public final class Judge {
    private static final long MICROS_A_MILLI = 1_000;

    private final Window window;
    private final long checkedAtMicros;
    private final long ttlToleranceMillis;

    /**
     * @param checkedAtMicros the restored server's clock after it was read: what expired by then may be gone
     * @param ttlToleranceMillis how far an expiry may be off; zero where both servers tell it to the millisecond
     */
    public Judge(Window window, long checkedAtMicros, long ttlToleranceMillis) {
        this.window = window;
        this.checkedAtMicros = checkedAtMicros;
        this.ttlToleranceMillis = ttlToleranceMillis;
    }

    public Judgement judge(KeyHistory.Past past, KeyState found) {
        Possible possible = possible(past);
        return found.absent() ? judgeAbsent(possible) : judgePresent(past, possible, found);
    }

    private Judgement judgeAbsent(Possible possible) {
        if (possible.absent) {
            return new Judgement.Right();
        }
        if (possible.expiredSince) {
            return new Judgement.ExpiredSince();
        }
        if (possible.unknown) {
            return new Judgement.Undecided();
        }
        return new Judgement.Wrong(Fault.MISSING, "should be one of " + possible.present);
    }

    private Judgement judgePresent(KeyHistory.Past past, Possible possible, KeyState found) {
        boolean bytesRight = false;
        for (KeyState state : possible.present) {
            if (state.sameBytes(found)) {
                if (state.sameExpiry(found, ttlToleranceMillis)) {
                    return new Judgement.Right();
                }
                bytesRight = true;
            }
        }
        if (possible.unknown) {
            return new Judgement.Undecided();
        }
        if (possible.present.isEmpty()) {
            return new Judgement.Wrong(Fault.EXTRA, "found " + found + "; it was absent in the whole window");
        }
        String difference = "found " + found + "; should be one of " + possible.present;
        if (bytesRight) {
            return new Judgement.Wrong(Fault.WRONG_TTL, difference);
        }
        for (Written write : past.writes()) {
            if (write.state().sameBytes(found)) {
                return new Judgement.Wrong(
                        Fault.STALE,
                        difference + "; it had that from " + write.fromMicros() + ", by " + write.by()
                                + "; the window is " + window);
            }
        }
        return new Judgement.Wrong(Fault.WRONG_BYTES, difference);
    }

    private Possible possible(KeyHistory.Past past) {
        Possible possible = new Possible();
        List<Written> writes = past.writes();
        for (int i = 0; i < writes.size(); i++) {
            // Nothing is older than the first entry: what it found had been there.
            long from = i == 0 ? Long.MIN_VALUE : writes.get(i).fromMicros();
            long through =
                    i + 1 == writes.size() ? Long.MAX_VALUE : writes.get(i + 1).throughMicros();
            hold(possible, writes.get(i).state(), from, through);
        }
        if (window.meets(past.pendingSinceMicros(), Long.MAX_VALUE)) {
            possible.unknown = true;
        }
        return possible;
    }

    private void hold(Possible possible, KeyState state, long from, long through) {
        if (!window.meets(from, through)) {
            return;
        }
        if (state.type() == ValueType.UNKNOWN) {
            possible.unknown = true;
            return;
        }
        if (state.absent()) {
            possible.absent = true;
            return;
        }
        if (!state.expires()) {
            possible.present.add(state);
            return;
        }
        long expiryMicros = state.expireAtMillis() * MICROS_A_MILLI;
        if (window.meets(Math.max(from, expiryMicros), through)) {
            possible.absent = true;
        }
        if (window.meets(from, Math.min(through, expiryMicros + MICROS_A_MILLI - 1))) {
            possible.present.add(state);
            possible.expiredSince |= expiryMicros <= checkedAtMicros;
        }
    }

    /** What the window allows. */
    private static final class Possible {
        private final List<KeyState> present = new ArrayList<>();
        private boolean absent;
        private boolean expiredSince;
        private boolean unknown;
    }
}
