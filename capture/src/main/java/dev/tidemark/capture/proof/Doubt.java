package dev.tidemark.capture.proof;

import java.util.Objects;

/**
 * Why nothing can be claimed from a moment on.
 *
 * @param reason in words, for people
 */
public record Doubt(DoubtCause cause, String reason) {
    public Doubt {
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(reason, "reason");
    }
}
