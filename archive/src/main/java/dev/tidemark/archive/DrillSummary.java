package dev.tidemark.archive;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a drill's report comes to.
 *
 * @param rto how long the restore and its proof took; empty when it did not get so far
 * @param bytesRead of the archive's files; empty where the report does not say
 * @param changesRead likewise
 * @param nextDue when the next one should have begun, if drills are run by the clock
 */
public record DrillSummary(
        Instant beganAt,
        boolean passed,
        Optional<Duration> rto,
        OptionalLong bytesRead,
        OptionalLong changesRead,
        Optional<Instant> nextDue) {
    public DrillSummary {
        Objects.requireNonNull(beganAt, "beganAt");
        Objects.requireNonNull(rto, "rto");
        Objects.requireNonNull(bytesRead, "bytesRead");
        Objects.requireNonNull(changesRead, "changesRead");
        Objects.requireNonNull(nextDue, "nextDue");
    }
}
