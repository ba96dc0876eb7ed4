package dev.tidemark.restorer.verify;

import dev.tidemark.schemas.errors.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A live Redis against the archive.
 *
 * @param keysArchived that the archive says were there at that time
 * @param keysSame that were found with the same value and expiry
 * @param expired that were there then and whose expiry has passed by now
 * @param notCompared that are known by type and expiry alone
 * @param outside keys of the live Redis that are not captured, so that nothing is said of them
 * @param uncertain keys that were to expire in the last moment before, and are taken for gone
 * @param libraries FUNCTION libraries of the source that are missing there or differ
 * @param limits what is not spoken of, in sentences
 */
public record VerifyReport(
        String source,
        Instant at,
        String target,
        Duration exactness,
        long keysArchived,
        long keysSame,
        long expired,
        long notCompared,
        long outside,
        long uncertain,
        Differences differences,
        List<String> libraries,
        Duration took,
        List<String> limits) {
    public VerifyReport {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(exactness, "exactness");
        Objects.requireNonNull(differences, "differences");
        libraries = List.copyOf(libraries);
        Objects.requireNonNull(took, "took");
        limits = List.copyOf(limits);
    }

    public boolean isSame() {
        return differences.isEmpty() && libraries.isEmpty();
    }

    public ExitCode exitCode() {
        return isSame() ? ExitCode.DONE : ExitCode.DIFFERENT;
    }
}
