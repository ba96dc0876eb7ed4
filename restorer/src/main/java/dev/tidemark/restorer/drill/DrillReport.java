package dev.tidemark.restorer.drill;

import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.errors.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a drill found.
 *
 * @param to the time that was restored; empty if it did not get so far
 * @param rpoNow what would have been lost when it began, with the tail of the log
 * @param rpoOnS3 the same from S3 alone
 * @param restored how much
 * @param verified key by key against the archive
 * @param searches on the source and on what was restored
 * @param searchesLeftOut why there are none, or no more
 * @param failure what stopped it, in words
 */
public record DrillReport(
        String source,
        Instant beganAt,
        Optional<Instant> to,
        Optional<Duration> rpoNow,
        Optional<Duration> rpoOnS3,
        Optional<Restored> restored,
        Optional<VerifyReport> verified,
        List<Comparison> searches,
        Optional<String> searchesLeftOut,
        Optional<Failure> failure) {
    public DrillReport {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(beganAt, "beganAt");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(rpoNow, "rpoNow");
        Objects.requireNonNull(rpoOnS3, "rpoOnS3");
        Objects.requireNonNull(restored, "restored");
        Objects.requireNonNull(verified, "verified");
        searches = List.copyOf(searches);
        Objects.requireNonNull(searchesLeftOut, "searchesLeftOut");
        Objects.requireNonNull(failure, "failure");
    }

    /**
     * The restore itself.
     *
     * @param rto from the decision to restore until the proof was there
     * @param bytesRead of the archive's files, by its plan
     * @param changesRead at most, by its plan
     * @param isProven by its own account
     */
    public record Restored(long keys, long bytes, long bytesRead, long changesRead, Duration rto, boolean isProven) {}

    /** What stopped it. */
    public record Failure(ExitCode code, String text) {}

    public boolean passed() {
        return exitCode() == ExitCode.DONE;
    }

    public ExitCode exitCode() {
        if (failure.isPresent()) {
            return failure.get().code();
        }
        boolean same = restored.map(Restored::isProven).orElse(false)
                && verified.map(VerifyReport::isSame).orElse(false)
                && searches.stream().allMatch(Comparison::agrees);
        return same ? ExitCode.DONE : ExitCode.DIFFERENT;
    }
}
