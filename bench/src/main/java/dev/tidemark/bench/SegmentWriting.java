package dev.tidemark.bench;

import dev.tidemark.archive.SegmentWriter;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.log.LogRow;
import java.util.List;

/** Ours. */
final class SegmentWriting implements RowWriting {
    @Override
    public long write(List<LogRow> rows) {
        SegmentWriter writer =
                new SegmentWriter("bench", new SegmentKey(Hour.of(rows.get(0).timeMicros()), 0, 1, 0));
        for (int at = 0; at < rows.size(); at++) {
            writer.add(at, rows.get(at));
        }
        return writer.finish(rows.size(), 1, rows.get(rows.size() - 1).timeMicros(), List.of())
                .segment()
                .sizeBytes();
    }
}
