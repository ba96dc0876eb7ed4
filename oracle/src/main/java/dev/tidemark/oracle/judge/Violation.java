package dev.tidemark.oracle.judge;

import java.util.Objects;

/** One wrong key, with enough to start looking. */
public record Violation(Fault fault, Key key, String detail) {
    public Violation {
        Objects.requireNonNull(fault, "fault");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(detail, "detail");
    }

    @Override
    public String toString() {
        return fault + " " + key + ": " + detail;
    }
}
