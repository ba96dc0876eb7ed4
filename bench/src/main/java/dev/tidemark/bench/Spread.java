package dev.tidemark.bench;

/** The least and the most that was measured. */
public record Spread(double min, double max) {
    public Spread {
        if (!(min <= max)) {
            throw new IllegalArgumentException("nothing lies from " + min + " to " + max);
        }
    }
}
