package dev.tidemark.restorer;

import java.time.Duration;
import java.util.Objects;

/**
 * How far a restore is.
 *
 * @param bytesRead of the archive's files
 * @param keys sent to the target; while it is proven, read back
 */
public record RestoreProgress(
        Phase phase, long filesRead, long files, long bytesRead, long bytes, long keys, Duration elapsed) {
    public RestoreProgress {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(elapsed, "elapsed");
    }

    public enum Phase {
        /** Nothing has been written yet. */
        VALIDATING,
        WRITING,
        /** The target is read back. */
        PROVING
    }
}
