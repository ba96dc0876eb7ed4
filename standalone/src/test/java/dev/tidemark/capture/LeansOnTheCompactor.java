package dev.tidemark.capture;

import dev.tidemark.compactor.PublicByAccident;

/** Breaks a rule on purpose. */
final class LeansOnTheCompactor {
    private LeansOnTheCompactor() {}

    static int two() {
        return PublicByAccident.one() + 1;
    }
}
