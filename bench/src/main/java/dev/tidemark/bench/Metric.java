package dev.tidemark.bench;

import java.util.Objects;

/**
 * One number of ours beside the limit's.
 *
 * @param ours the median of the rounds
 * @param limit the median of the raw rounds, or the bound that is not to be passed
 * @param ratio of ours to the limit
 * @param goal of the ratio
 * @param better which way
 * @param met whether the ratio is what the goal asks
 */
public record Metric(
        String name,
        double ours,
        double limit,
        String unit,
        double ratio,
        double goal,
        Better better,
        boolean met,
        Spreads spread) {
    public Metric {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(better, "better");
        Objects.requireNonNull(spread, "spread");
    }

    /** How far the rounds of each side lay apart. */
    public record Spreads(Spread ours, Spread limit) {
        public Spreads {
            Objects.requireNonNull(ours, "ours");
            Objects.requireNonNull(limit, "limit");
        }
    }

    static Metric of(String name, String unit, Samples ours, Samples limit, Goal goal) {
        if (limit.median() <= 0) {
            throw new IllegalArgumentException("nothing can be compared with a limit of " + limit.median());
        }
        double ratio = ours.median() / limit.median();
        return new Metric(
                name,
                ours.median(),
                limit.median(),
                unit,
                ratio,
                goal.ratio(),
                goal.better(),
                goal.isMetBy(ratio),
                new Spreads(ours.spread(), limit.spread()));
    }
}
