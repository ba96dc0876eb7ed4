package dev.tidemark.schemas.errors;

import java.util.Objects;

/**
 * A failure that was foreseen. Its message stands alone: what, where, what is safe, what next; never a Redis key, a
 * value or a secret.
 */
public class TidemarkError extends RuntimeException {
    private final ExitCode code;

    public TidemarkError(ExitCode code, String message) {
        this(code, message, null);
    }

    /**
     * With what it arose from.
     *
     * @param cause for the stack trace that {@code --stacktrace} prints; its message is not shown otherwise
     */
    public TidemarkError(ExitCode code, String message, Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.code = Objects.requireNonNull(code, "code");
        if (code == ExitCode.DONE) {
            throw new IllegalArgumentException("an error cannot end with the exit code of success");
        }
    }

    public ExitCode code() {
        return code;
    }
}
