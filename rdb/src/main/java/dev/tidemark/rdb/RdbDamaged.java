package dev.tidemark.rdb;

import java.io.IOException;

/** What was read is no snapshot, not a whole one, or none that this build understands. */
public final class RdbDamaged extends IOException {
    private static final long serialVersionUID = 1;

    RdbDamaged(long offset, String what) {
        super("at byte %d: %s".formatted(offset, what));
    }
}
