package dev.tidemark.restorer;

/**
 * One machine's part of a restore that several do together: every so many-th shard.
 *
 * @param number from 1
 * @param of how many parts there are
 */
public record RestorePart(int number, int of) {
    /** All of it, by one machine. */
    public static final RestorePart WHOLE = new RestorePart(1, 1);

    public RestorePart {
        if (of < 1 || number < 1 || number > of) {
            throw new IllegalArgumentException("there is no part %d of %d".formatted(number, of));
        }
    }

    public boolean isWhole() {
        return of == 1;
    }

    boolean has(int shard) {
        return shard % of == number - 1;
    }

    @Override
    public String toString() {
        return "part %d of %d".formatted(number, of);
    }
}
