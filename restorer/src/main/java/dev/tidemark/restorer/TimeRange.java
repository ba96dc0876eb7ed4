package dev.tidemark.restorer;

import java.time.Instant;
import java.util.Objects;

/** Every time from one through the other can be restored. */
public record TimeRange(Instant from, Instant through) {
    public TimeRange {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(through, "through");
    }
}
