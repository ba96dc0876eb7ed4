package dev.tidemark.oracle.judge;

import java.util.Objects;

/**
 * One write of one key: from some instant in [from, through] on the key held the state, until the next write or its
 * own expiry.
 */
public record Written(KeyState state, long fromMicros, long throughMicros, Operation by) {
    public Written {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(by, "by");
        if (fromMicros > throughMicros) {
            throw new IllegalArgumentException("a write ended before it began: " + fromMicros + ".." + throughMicros);
        }
    }
}
