package dev.tidemark.schemas.kafka;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;

/** Kafka answers, but does not hold the range that was asked for, or holds a record there that nobody can read. */
public final class LogUnreadable extends TidemarkError {
    private static final long serialVersionUID = 1;

    LogUnreadable(String message, Throwable cause) {
        super(ExitCode.ARCHIVE_DAMAGED, message, cause);
    }
}
