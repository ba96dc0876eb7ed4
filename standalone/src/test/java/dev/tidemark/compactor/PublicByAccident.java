package dev.tidemark.compactor;

/** Breaks a rule on purpose. */
public final class PublicByAccident {
    private PublicByAccident() {}

    public static int one() {
        return 1;
    }
}
