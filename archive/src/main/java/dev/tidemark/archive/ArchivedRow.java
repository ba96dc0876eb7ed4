package dev.tidemark.archive;

import dev.tidemark.schemas.log.LogRow;
import java.util.Objects;

/** A row of a segment, with its offset in the log. */
public record ArchivedRow(long offset, LogRow row) {
    public ArchivedRow {
        Objects.requireNonNull(row, "row");
        if (offset < 0) {
            throw new IllegalArgumentException("no such offset: " + offset);
        }
    }
}
