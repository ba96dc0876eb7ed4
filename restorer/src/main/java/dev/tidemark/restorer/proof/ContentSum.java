package dev.tidemark.restorer.proof;

/**
 * A number of keys and what they hold: the sum of 128 bits of a SHA-256 for each, so that neither order matters nor
 * does a key that is there twice cancel itself out, as it would with an exclusive or.
 */
public record ContentSum(long keys, long high, long low) {
    public static final ContentSum NOTHING = new ContentSum(0, 0, 0);

    public ContentSum plus(ContentSum other) {
        return new ContentSum(keys + other.keys, high + other.high, low + other.low);
    }

    public String digest() {
        return "%016x%016x".formatted(high, low);
    }
}
