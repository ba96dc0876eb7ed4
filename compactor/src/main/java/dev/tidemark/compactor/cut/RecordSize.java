package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;

/** What a row adds to a segment, before compression. */
final class RecordSize {
    private static final long COLUMNS_BYTES = 64;

    private RecordSize() {}

    static long bytes(LogRow row) {
        if (row instanceof Change change) {
            return COLUMNS_BYTES + change.key().length() + change.value().sizeBytes();
        }
        return row instanceof Definitions definitions
                ? COLUMNS_BYTES + definitions.payload().length()
                : COLUMNS_BYTES;
    }
}
