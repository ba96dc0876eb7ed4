package dev.tidemark.oracle.judge;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the check of one restored Redis found.
 *
 * @param keysChecked keys judged, absent ones included
 * @param keysByType keys judged by what was found; absent is a type here
 * @param lastWrites for how many keys each operation produced the last state before the instant
 * @param expiredSince absent keys accepted only because their expiry has passed since
 * @param undecided keys that a write of unknown outcome leaves open
 * @param faults all violations counted by kind
 * @param violations the first of them
 */
public record Verdict(
        Instant at,
        Duration lag,
        long keysChecked,
        Map<ValueType, Long> keysByType,
        Map<Operation, Long> lastWrites,
        long expiredSince,
        long undecided,
        Map<Fault, Long> faults,
        List<Violation> violations) {
    static final int VIOLATIONS_KEPT_MAX = 100;
    private static final int VIOLATIONS_PRINTED_MAX = 10;

    public Verdict {
        keysByType = Map.copyOf(keysByType);
        lastWrites = Map.copyOf(lastWrites);
        faults = Map.copyOf(faults);
        violations = List.copyOf(violations);
    }

    /** Whether the restored Redis is right. */
    public boolean clean() {
        return faults.isEmpty();
    }

    public long count(Fault fault) {
        return faults.getOrDefault(fault, 0L);
    }

    @Override
    public String toString() {
        String subject = keysChecked + " keys at " + at + " within " + lag.toMillis() + " ms";
        String unsure = " (" + expiredSince + " expired since, " + undecided + " undecided)";
        if (clean()) {
            return "RIGHT: " + subject + unsure;
        }
        String counts = Arrays.stream(Fault.values())
                .filter(faults::containsKey)
                .map(fault -> count(fault) + " " + fault)
                .collect(Collectors.joining(", "));
        String first = violations.stream()
                .limit(VIOLATIONS_PRINTED_MAX)
                .map(violation -> System.lineSeparator() + "  " + violation)
                .collect(Collectors.joining());
        return "WRONG: " + counts + " of " + subject + unsure + first;
    }
}
