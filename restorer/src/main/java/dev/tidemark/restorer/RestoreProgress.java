package dev.tidemark.restorer;

import java.time.Duration;
import java.util.Objects;

/**
 * How far a restore is, or a comparison.
 *
 * @param bytesRead of the archive's files
 * @param keys sent to the target; while an index is filled, in it; while it is proven, read back; while it is compared or scanned, asked for
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
        /** Everything is validated, and no replica has come yet. */
        WAITING,
        WRITING,
        /** Every key is there, and a search index takes them in. */
        INDEXING,
        /** The target is read back. */
        PROVING,
        /** A live Redis is asked for each key that the archive has. */
        COMPARING,
        /** It is scanned for keys that the archive does not have. */
        SCANNING
    }
}
