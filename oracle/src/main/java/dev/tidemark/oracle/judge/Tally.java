package dev.tidemark.oracle.judge;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** The sum of many verdicts: what was truly checked, so that nobody mistakes silence for success. */
public final class Tally {
    private final Map<ValueType, Long> keysByType = new EnumMap<>(ValueType.class);
    private final Map<Operation, Long> lastWrites = new EnumMap<>(Operation.class);
    private long verdicts;
    private long wrong;
    private long keysChecked;
    private long expiredSince;
    private long undecided;

    public synchronized void add(Verdict verdict) {
        verdicts++;
        wrong += verdict.clean() ? 0 : 1;
        keysChecked += verdict.keysChecked();
        expiredSince += verdict.expiredSince();
        undecided += verdict.undecided();
        verdict.keysByType().forEach((type, count) -> keysByType.merge(type, count, Long::sum));
        verdict.lastWrites().forEach((operation, count) -> lastWrites.merge(operation, count, Long::sum));
    }

    public synchronized long verdicts() {
        return verdicts;
    }

    public synchronized long keysChecked() {
        return keysChecked;
    }

    public synchronized long count(Operation operation) {
        return lastWrites.getOrDefault(operation, 0L);
    }

    public synchronized long count(ValueType type) {
        return keysByType.getOrDefault(type, 0L);
    }

    /** Those that were never the last word on any checked key. */
    public synchronized Set<Operation> never(Set<Operation> operations) {
        Set<Operation> never = EnumSet.noneOf(Operation.class);
        operations.stream().filter(operation -> count(operation) == 0).forEach(never::add);
        return never;
    }

    /** Fails, with their names, where an operation was never the last word on any checked key. */
    public synchronized void requireAll(Set<Operation> operations) {
        Set<Operation> never = never(operations);
        if (!never.isEmpty()) {
            throw new AssertionError("never checked, in " + verdicts + " verdicts over " + keysChecked + " keys: "
                    + never + ". Check more rounds, or write for longer between them");
        }
    }

    @Override
    public synchronized String toString() {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                "%d verdicts, %d wrong; %d keys checked, %d expired since, %d undecided%n",
                verdicts, wrong, keysChecked, expiredSince, undecided));
        keysByType.forEach((type, count) -> table.append(String.format("  %-24s %10d%n", type, count)));
        table.append(String.format("last written by%n"));
        lastWrites.forEach((operation, count) -> table.append(String.format("  %-24s %10d%n", operation, count)));
        return table.toString();
    }
}
