package dev.tidemark.compactor.cut;

import java.io.ByteArrayOutputStream;

/** Breaks a rule on purpose. */
final class UsesAStreamWithoutNeed {
    private UsesAStreamWithoutNeed() {}

    static int size() {
        return new ByteArrayOutputStream().size();
    }
}
