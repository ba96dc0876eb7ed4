package dev.tidemark.schemas.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * When the compactor cuts, and where it keeps what it may lose.
 *
 * @param cutAge of what is not yet on S3, at which it is written there
 * @param segmentBytesMax of counted rows in one segment
 * @param applicationId of the Streams application, when not derived from the source
 * @param stateDir of the Streams library and of rows that are being sorted; holds nothing that a restart needs
 * @param sortBytesMax of rows in memory while an hour is sorted; more of them are spilled to the state directory
 * @param columns that the fields of hashes become
 * @param baselineInterval the age of the newest baseline at which another is taken; zero never takes one
 * @param baselineBytesPerSecond of a snapshot read from Redis, at most
 */
public record CompactorSettings(
        Duration cutAge,
        long segmentBytesMax,
        Optional<String> applicationId,
        Path stateDir,
        long sortBytesMax,
        ColumnsSettings columns,
        Duration baselineInterval,
        long baselineBytesPerSecond) {
    public CompactorSettings {
        Objects.requireNonNull(cutAge, "cutAge");
        Objects.requireNonNull(applicationId, "applicationId");
        Objects.requireNonNull(stateDir, "stateDir");
        Objects.requireNonNull(columns, "columns");
        Objects.requireNonNull(baselineInterval, "baselineInterval");
    }

    public static CompactorSettings defaults() {
        Path stateDir = Path.of(System.getProperty("java.io.tmpdir"), "tidemark");
        return new CompactorSettings(
                Duration.ofSeconds(30),
                32L << 20,
                Optional.empty(),
                stateDir,
                32L << 20,
                ColumnsSettings.defaults(),
                Duration.ZERO,
                256L << 20);
    }

    /** Cutting at another age, with Streams' files elsewhere. */
    public CompactorSettings cutting(Duration age, Path directory) {
        return new CompactorSettings(
                age,
                segmentBytesMax,
                applicationId,
                directory,
                sortBytesMax,
                columns,
                baselineInterval,
                baselineBytesPerSecond);
    }

    public CompactorSettings withBaselines(Duration interval, long bytesPerSecond) {
        return new CompactorSettings(
                cutAge, segmentBytesMax, applicationId, stateDir, sortBytesMax, columns, interval, bytesPerSecond);
    }

    /** As set, or derived: compactors of one source share an application, those of two sources do not. */
    public String applicationId(SourceSettings source) {
        return applicationId.orElse("tidemark-compactor-" + source.name());
    }

    void report(Problems problems) {
        problems.unlessWithin("compactor.cut-age", cutAge, Duration.ofSeconds(1), Duration.ofHours(1));
        problems.unlessSizeWithin("compactor.segment-bytes-max", segmentBytesMax, 1, 1_024);
        problems.unlessSizeWithin("compactor.sort-bytes-max", sortBytesMax, 1, 4_096);
        if (!baselineInterval.isZero()) {
            problems.unlessWithin(
                    "compactor.baseline-interval", baselineInterval, Duration.ofSeconds(1), Duration.ofDays(365));
        }
        problems.unlessSizeWithin("compactor.baseline-bytes-per-second", baselineBytesPerSecond, 1, 65_536);
        applicationId.ifPresent(id -> problems.unless(
                id.matches("[a-zA-Z0-9._-]{1,200}"),
                "compactor.application-id is '" + id + "'; it is 1 to 200 of a-z, A-Z, 0-9, '.', '_' and '-'"));
        columns.report(problems);
    }
}
