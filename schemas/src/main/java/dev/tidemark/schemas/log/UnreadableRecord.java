package dev.tidemark.schemas.log;

/** A record in the log that no published schema explains. Never skipped: whoever reads on must first say what it does. */
public final class UnreadableRecord extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableRecord(String message, Throwable cause) {
        super(message, cause);
    }
}
