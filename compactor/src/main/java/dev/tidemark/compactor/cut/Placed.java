package dev.tidemark.compactor.cut;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.log.LogRow;
import java.util.Objects;
import java.util.Optional;

/**
 * What becomes of a record.
 *
 * @param before the segment that is complete before it
 * @param row what is to be added to the open segment, if the record counts; its time may have been raised
 * @param open the slot that the row belongs to; present with the row
 */
public record Placed(Optional<Cut> before, Optional<LogRow> row, Optional<SegmentKey> open) {
    public Placed {
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(row, "row");
        Objects.requireNonNull(open, "open");
    }
}
