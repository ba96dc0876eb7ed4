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
import java.util.OptionalInt;

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

    /** The same of a log whose leader nobody noted. */
    public SegmentFile finish(long end, long epochAfter, long lastMicros, List<ClaimInterval> claims) {
        return finish(end, epochAfter, lastMicros, claims, OptionalInt.empty());
    }

    /**
     * Completes the file; the writer is used up.
     *
     * @param end one past the last offset that was looked at, whether its record counted or not
     * @param leaderEpoch under which the record before {@code end} was written
     */
    public SegmentFile finish(
            long end, long epochAfter, long lastMicros, List<ClaimInterval> claims, OptionalInt leaderEpoch) {
        if (end <= lastOffset) {
            throw new IllegalArgumentException(
                    "%s cannot end at offset %d after a row at %d".formatted(key.path(), end, lastOffset));
        }
        Segment described = new Segment(
                key, end, epochAfter, lastMicros, rows, claims, 0, "", Segment.LAYOUT, references, leaderEpoch);
        writer.finish(SegmentMetadata.footer(described));
        ObjectBody body = sink.body();
        Segment whole = new Segment(
                key,
                end,
                epochAfter,
                lastMicros,
                rows,
                claims,
                body.sizeBytes(),
                body.sha256Hex(),
                Segment.LAYOUT,
                references,
                leaderEpoch);
        return new SegmentFile(whole, body);
    }

    static boolean refers(LogRow row) {
        return row instanceof Definitions || (row instanceof Change change && change.value() instanceof Blob);
    }
}
