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
 * @param stateDir of the Streams library; holds nothing that a restart needs
 */
public record CompactorSettings(Duration cutAge, long segmentBytesMax, Optional<String> applicationId, Path stateDir) {
    public CompactorSettings {
        Objects.requireNonNull(cutAge, "cutAge");
        Objects.requireNonNull(applicationId, "applicationId");
        Objects.requireNonNull(stateDir, "stateDir");
    }

    public static CompactorSettings defaults() {
        Path stateDir = Path.of(System.getProperty("java.io.tmpdir"), "tidemark");
        return new CompactorSettings(Duration.ofSeconds(30), 64L << 20, Optional.empty(), stateDir);
    }

    /** As set, or derived: compactors of one source share an application, those of two sources do not. */
    public String applicationId(SourceSettings source) {
        return applicationId.orElse("tidemark-compactor-" + source.name());
    }

    void report(Problems problems) {
        problems.unlessWithin("compactor.cut-age", cutAge, Duration.ofSeconds(1), Duration.ofHours(1));
        problems.unlessSizeWithin("compactor.segment-bytes-max", segmentBytesMax, 1, 1_024);
        applicationId.ifPresent(id -> problems.unless(
                id.matches("[a-zA-Z0-9._-]{1,200}"),
                "compactor.application-id is '" + id + "'; it is 1 to 200 of a-z, A-Z, 0-9, '.', '_' and '-'"));
    }
}
