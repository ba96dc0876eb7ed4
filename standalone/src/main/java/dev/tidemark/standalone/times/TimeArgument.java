package dev.tidemark.standalone.times;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.Optional;

/**
 * A time as written on a command line: RFC 3339, {@code 14:03}, {@code -10m} or {@code latest}.
 *
 * @param at the instant; empty for the latest that there is
 * @param reading what it was taken for, in words, where the text left something out
 */
public record TimeArgument(Optional<Instant> at, Optional<String> reading) {
    public TimeArgument {
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(reading, "reading");
    }

    public static final String FORMS = "2026-11-20T14:03:00Z, 14:03 (local time), -10m or latest";

    /**
     * Reads the text as of now, in the user's zone.
     *
     * @throws dev.tidemark.schemas.errors.TidemarkError bad usage, when it cannot be read or not in one way alone
     */
    public static TimeArgument parse(String text, Instant now, ZoneId zone) {
        return TimeReader.read(text.strip(), now, zone);
    }

    public boolean isLatest() {
        return at.isEmpty();
    }
}
