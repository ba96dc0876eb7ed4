package dev.tidemark.restorer.plan;

/**
 * Offsets [from, to) of {@code changes}, to be read from Kafka.
 *
 * @param epochInForce at {@code from}
 */
public record TailPart(long from, long to, long epochInForce) {
    public TailPart {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("no record lies in [" + from + ", " + to + ")");
        }
    }
}
