package dev.tidemark.bench;

import java.util.List;

/** What was measured, round by round. */
record Samples(List<Double> values) {
    Samples {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("nothing was measured");
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("no measurement: " + value);
            }
        }
    }

    /** Those that count: rounds that went before them warmed up. */
    static Samples last(List<Double> values, int rounds) {
        return new Samples(values.subList(values.size() - rounds, values.size()));
    }

    static Samples of(double value) {
        return new Samples(List.of(value));
    }

    /** Of an even number of rounds, the mean of the two in the middle. */
    double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The least value that at least this share of all does not exceed: it was measured, not interpolated. */
    double percentile(double share) {
        if (share <= 0 || share > 1) {
            throw new IllegalArgumentException("a share is above 0 and at most 1, not " + share);
        }
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }

    Spread spread() {
        return new Spread(
                values.stream().mapToDouble(each -> each).min().orElseThrow(),
                values.stream().mapToDouble(each -> each).max().orElseThrow());
    }
}
