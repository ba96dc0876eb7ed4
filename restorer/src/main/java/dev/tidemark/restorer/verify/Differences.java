package dev.tidemark.restorer.verify;

import dev.tidemark.restorer.plan.KeyName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts of all that differs, and the names of the first few. For one thread. */
public final class Differences {
    private final int namesMax;
    private final Map<Difference, Long> counts = new EnumMap<>(Difference.class);
    private final Map<Difference, List<KeyName>> names = new EnumMap<>(Difference.class);

    /**
     * None yet.
     *
     * @param namesMax kept of each kind; none keeps no name at all
     */
    public Differences(int namesMax) {
        this.namesMax = namesMax;
        for (Difference difference : Difference.values()) {
            counts.put(difference, 0L);
            names.put(difference, new ArrayList<>());
        }
    }

    public void add(Difference difference, KeyName name) {
        counts.merge(difference, 1L, Long::sum);
        List<KeyName> kept = names.get(difference);
        if (kept.size() < namesMax) {
            kept.add(name);
        }
    }

    public long count(Difference difference) {
        return counts.get(difference);
    }

    /** The first ones in the order in which they were found. */
    public List<KeyName> names(Difference difference) {
        return List.copyOf(names.get(difference));
    }

    public boolean isEmpty() {
        return counts.values().stream().allMatch(count -> count == 0);
    }

    /** Counts alone: names of keys are for who asks for them. */
    @Override
    public String toString() {
        return counts.toString();
    }
}
