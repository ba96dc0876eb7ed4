package dev.tidemark.schemas.errors;

/** What the command's exit code tells a script; a promise, so numbers and meanings do not change. */
public enum ExitCode {
    DONE(0, "done"),
    UNEXPECTED(1, "unexpected failure"),
    USAGE(2, "bad usage or configuration (all problems reported together)"),
    NOT_RESTORABLE(3, "that time is not restorable (the nearest times are printed)"),
    TARGET_REFUSED(4, "the target was refused"),
    ARCHIVE_DAMAGED(5, "the archive is damaged or incomplete"),
    DIFFERENT(6, "verification found a difference"),
    UNREACHABLE(7, "Redis, Kafka or S3 cannot be reached or refuses us"),
    DEGRADED(8, "protection is degraded");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    public int number() {
        return number;
    }

    public String meaning() {
        return meaning;
    }
}
