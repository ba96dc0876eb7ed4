package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;

/** What a row adds to a segment, before compression. */
final class RecordSize {
    private static final long COLUMNS_BYTES = 64;

    private RecordSize() {}

    static long bytes(LogRow row) {
        return row instanceof Change change
                ? COLUMNS_BYTES + change.key().length() + change.value().sizeBytes()
                : COLUMNS_BYTES;
    }
}
