package dev.tidemark.oracle.judge;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Gathers the judgements of one restored Redis into a verdict. */
public final class Trial {
    private final Judge judge;
    private final long atMicros;
    private final Map<ValueType, Long> keysByType = new EnumMap<>(ValueType.class);
    private final Map<Operation, Long> lastWrites = new EnumMap<>(Operation.class);
    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private final List<Violation> violations = new ArrayList<>();
    private long keysChecked;
    private long expiredSince;
    private long undecided;

    public Trial(Judge judge, long atMicros) {
        this.judge = judge;
        this.atMicros = atMicros;
    }

    public void hear(Key key, KeyHistory.Past past, KeyState found) {
        lastWrites.merge(past.lastOperationBefore(atMicros), 1L, Long::sum);
        record(key, found.type(), judge.judge(past, found));
    }

    /** A key under a prefix of ours that nobody ever wrote. */
    public void hearUnknownKey(Key key, String found) {
        record(key, ValueType.UNKNOWN, new Judgement.Wrong(Fault.EXTRA, found + "; nobody ever wrote this key"));
    }

    private void record(Key key, ValueType found, Judgement judgement) {
        keysChecked++;
        keysByType.merge(found, 1L, Long::sum);
        if (judgement instanceof Judgement.ExpiredSince) {
            expiredSince++;
        } else if (judgement instanceof Judgement.Undecided) {
            undecided++;
        } else if (judgement instanceof Judgement.Wrong wrong) {
            faults.merge(wrong.fault(), 1L, Long::sum);
            if (violations.size() < Verdict.VIOLATIONS_KEPT_MAX) {
                violations.add(new Violation(wrong.fault(), key, wrong.detail()));
            }
        }
    }

    public Verdict verdict(Instant at, Duration lag) {
        return new Verdict(at, lag, keysChecked, keysByType, lastWrites, expiredSince, undecided, faults, violations);
    }
}
