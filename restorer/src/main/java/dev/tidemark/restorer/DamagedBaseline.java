package dev.tidemark.restorer;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;

/**
 * A baseline that was handed on before it was proven was not what was written. Whatever was made of it has no name yet and is
 * thrown away; how to go on, {@link RestoreRun#validate} knows.
 */
final class DamagedBaseline extends TidemarkError {
    private static final long serialVersionUID = 1L;

    DamagedBaseline(String message, Throwable cause) {
        super(ExitCode.ARCHIVE_DAMAGED, message, cause);
    }
}
