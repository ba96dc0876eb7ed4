package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;

/** The store did not answer, or said that it cannot just now: the same may succeed later, without anybody's doing here. */
public final class StoreSilent extends TidemarkError {
    private static final long serialVersionUID = 1;

    StoreSilent(String message, Throwable cause) {
        super(ExitCode.UNREACHABLE, message, cause);
    }
}
