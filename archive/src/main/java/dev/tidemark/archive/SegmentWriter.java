package dev.tidemark.archive;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.LogRow.Definitions;
import dev.tidemark.schemas.log.Value.Blob;
import java.util.List;

/**
 * Writes the Parquet file of one segment, row by row in the order of their offsets. It holds the compressed file and at
 * most one row group that is not yet compressed.
 */
public final class SegmentWriter {
    private static final long ROW_GROUP_BYTES = 16L << 20;
    private static final int PAGE_BYTES = 1 << 18;

    private final SegmentKey key;
    private final ObjectBody.Sink sink = new ObjectBody.Sink();
    private final RowFileWriter writer;
    private long rows;
    private long references;
    private long lastOffset;

    /** One whose hashes have the usual fields. */
    public SegmentWriter(String source, SegmentKey key) {
        this(source, key, ChunkFields.standard());
    }

    public SegmentWriter(String source, SegmentKey key, ChunkFields fields) {
        this.key = key;
        this.lastOffset = key.frontier() - 1;
        this.writer = new RowFileWriter(
                new StreamFile(sink, sink::written),
                new RowColumns(source, key.shard(), fields),
                ROW_GROUP_BYTES,
                RowFileWriter.properties(PAGE_BYTES).build());
    }

    /**
     * Adds the next row.
     *
     * @param row one that counts
     */
    public void add(long offset, LogRow row) {
        if (offset <= lastOffset) {
            throw new IllegalArgumentException(
                    "%s: the row at offset %d cannot follow offset %d".formatted(key.path(), offset, lastOffset));
        }
        writer.write(new ArchivedRow(offset, row));
        lastOffset = offset;
        rows++;
        if (refers(row)) {
            references++;
        }
    }

    /**
     * Completes the file; the writer is used up.
     *
     * @param end one past the last offset that was looked at, whether its record counted or not
     */
    public SegmentFile finish(long end, long epochAfter, long lastMicros, List<ClaimInterval> claims) {
        if (end <= lastOffset) {
            throw new IllegalArgumentException(
                    "%s cannot end at offset %d after a row at %d".formatted(key.path(), end, lastOffset));
        }
        Segment described = segment(end, epochAfter, lastMicros, claims, 0, "");
        writer.finish(SegmentMetadata.footer(described));
        ObjectBody body = sink.body();
        return new SegmentFile(segment(end, epochAfter, lastMicros, claims, body.sizeBytes(), body.sha256Hex()), body);
    }

    private Segment segment(
            long end, long epochAfter, long lastMicros, List<ClaimInterval> claims, long sizeBytes, String sha256) {
        return new Segment(
                key, end, epochAfter, lastMicros, rows, claims, sizeBytes, sha256, Segment.LAYOUT, references);
    }

    static boolean refers(LogRow row) {
        return row instanceof Definitions || (row instanceof Change change && change.value() instanceof Blob);
    }
}
