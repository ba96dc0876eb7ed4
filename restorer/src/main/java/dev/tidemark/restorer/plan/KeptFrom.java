package dev.tidemark.restorer.plan;

/**
 * Where a shard's archive begins since what is older was given up on purpose.
 *
 * @param offset of the first row that is kept; what lies below is not missing
 * @param micros no earlier time need be restorable
 */
public record KeptFrom(long offset, long micros) {
    public KeptFrom {
        if (offset < 0) {
            throw new IllegalArgumentException("nothing is kept from offset " + offset);
        }
    }
}
