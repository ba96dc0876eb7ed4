package dev.tidemark.restorer;

import dev.tidemark.archive.DrillSummary;
import dev.tidemark.restorer.look.Problem;
import dev.tidemark.schemas.errors.ExitCode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a source stands.
 *
 * @param rpoTarget how much may be lost at most
 * @param drill the last one that left a report
 * @param problems none when it is protected; the worst first
 */
public record Status(Points points, Duration rpoTarget, Optional<DrillSummary> drill, List<Problem> problems) {
    public Status {
        Objects.requireNonNull(points, "points");
        Objects.requireNonNull(rpoTarget, "rpoTarget");
        Objects.requireNonNull(drill, "drill");
        problems = List.copyOf(problems);
    }

    public boolean isProtected() {
        return problems.isEmpty();
    }

    public ExitCode exitCode() {
        return isProtected() ? ExitCode.DONE : ExitCode.DEGRADED;
    }
}
