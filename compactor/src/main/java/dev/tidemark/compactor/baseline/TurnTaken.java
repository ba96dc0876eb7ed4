package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;

/** Another takes a baseline of the source, which is as good as ours. */
final class TurnTaken extends TidemarkError {
    private static final long serialVersionUID = 1;

    TurnTaken(String message) {
        super(ExitCode.UNREACHABLE, message);
    }
}
