package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;

/**
 * A baseline is not what was written. Where it was handed on before that was known, whatever was made of it has no name yet and is
 * thrown away; how to go on, {@link RestoreRun#validate} knows.
 */
final class DamagedBaseline extends TidemarkError {
    private static final long serialVersionUID = 1L;

    DamagedBaseline(String message, Throwable cause) {
        super(ExitCode.ARCHIVE_DAMAGED, message, cause);
    }
}
