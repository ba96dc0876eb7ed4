package dev.tidemark.restorer.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What of a restore its target cannot take: kinds of values and how many there are, never a key. */
public final class RefusedValues {
    private static final int KINDS_MAX = 10;

    private final TargetLimits limits;
    private final Map<String, Long> kinds = new LinkedHashMap<>();
    private long otherKinds;

    /** None yet. */
    public RefusedValues(TargetLimits limits) {
        this.limits = limits;
    }

    /** Whether there can be any, so that it is worth looking. */
    public boolean arePossible() {
        return limits.mayRefuse();
    }

    /**
     * Looks at one.
     *
     * @param type as TYPE names it
     * @param encoding the first byte of its dump
     * @param version in the footer
     */
    public void look(String type, int encoding, int version) {
        limits.refusal(type, encoding, version).ifPresent(this::count);
    }

    public void libraries() {
        if (!limits.takesLibraries()) {
            count("set of FUNCTION libraries");
        }
    }

    private void count(String kind) {
        if (kinds.size() < KINDS_MAX || kinds.containsKey(kind)) {
            kinds.merge(kind, 1L, Long::sum);
        } else {
            otherKinds++;
        }
    }

    public boolean isEmpty() {
        return kinds.isEmpty();
    }

    @Override
    public String toString() {
        String told = kinds.entrySet().stream()
                .map(each -> each.getValue() + " " + each.getKey())
                .collect(Collectors.joining(", "));
        return otherKinds == 0 ? told : told + ", and %d of other kinds".formatted(otherKinds);
    }
}
