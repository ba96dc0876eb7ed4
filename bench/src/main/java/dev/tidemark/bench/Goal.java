package dev.tidemark.bench;

/** What the ratio of ours to the limit should be. It is judged and shown, and decides nothing. */
record Goal(double ratio, Better better) {
    static Goal atLeast(double ratio) {
        return new Goal(ratio, Better.HIGHER);
    }

    static Goal atMost(double ratio) {
        return new Goal(ratio, Better.LOWER);
    }

    boolean isMetBy(double measured) {
        return switch (better) {
            case HIGHER -> measured >= ratio;
            case LOWER -> measured <= ratio;
        };
    }
}
