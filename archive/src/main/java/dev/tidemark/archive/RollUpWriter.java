package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Writes the Parquet file of a roll-up, row by row in the {@link #ORDER} of roll-ups, to the local disk. It holds one row
 * group that is not yet compressed. The same rows make the same bytes.
 */
public final class RollUpWriter implements AutoCloseable {
    /** Rows without a key first; then by key, byte by byte; then by offset. */
    public static final Comparator<ArchivedRow> ORDER = Comparator.comparing(
                    (ArchivedRow row) -> row.row() instanceof Change)
            .thenComparing(RollUpWriter::keyOf)
            .thenComparingLong(ArchivedRow::offset);

    private static final long ROW_GROUP_BYTES = 32L << 20;

    /** Small, so that whoever looks for one key reads little: the file is sorted, and its pages are indexed. */
    private static final int PAGE_BYTES = 256 << 10;

    private static final int BLOOM_BYTES_MAX = 256 << 10;

    private final String source;
    private final RollUpKey key;
    private final int generation;
    private final long from;
    private final long to;
    private final Spool spool;
    private final RowFileWriter writer;
    private ArchivedRow last;
    private long rows;
    private long references;

    /** @param directory for a copy of the file that has no name there */
    public RollUpWriter(
            String source, RollUpKey key, int generation, long from, long to, ChunkFields fields, Path directory) {
        this.source = source;
        this.key = key;
        this.generation = generation;
        this.from = from;
        this.to = to;
        try {
            this.spool = Spool.in(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary file in " + directory, e);
        }
        try {
            this.writer = new RowFileWriter(
                    new StreamFile(spool, spool::sizeBytes),
                    new RowColumns(source, key.shard(), fields),
                    ROW_GROUP_BYTES,
                    RowFileWriter.properties(PAGE_BYTES)
                            .withBloomFilterEnabled(SegmentSchema.KEY, true)
                            .withAdaptiveBloomFilterEnabled(true)
                            .withMaxBloomFilterBytes(BLOOM_BYTES_MAX)
                            .build());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Bytes keyOf(ArchivedRow row) {
        return row.row() instanceof Change change ? change.key() : Bytes.empty();
    }

    public void add(ArchivedRow row) {
        if (row.offset() < from || row.offset() >= to || (last != null && ORDER.compare(last, row) >= 0)) {
            throw new IllegalArgumentException(
                    "%s of [%d, %d): no row of offset %d can stand here".formatted(key.path(), from, to, row.offset()));
        }
        writer.write(row);
        last = row;
        rows++;
        if (SegmentWriter.refers(row.row())) {
            references++;
        }
    }

    /** Completes the file; the writer is used up, and the file takes over what it has on disk. */
    public RollUpFile finish(long epochAfter, long lastMicros, List<ClaimInterval> claims) {
        writer.finish(RollUpMetadata.footer(described(epochAfter, lastMicros, claims, 1, "unknown yet")));
        return new RollUpFile(
                described(
                        epochAfter,
                        lastMicros,
                        claims,
                        spool.sizeBytes(),
                        spool.sha256().toHex()),
                spool);
    }

    private RollUp described(
            long epochAfter, long lastMicros, List<ClaimInterval> claims, long sizeBytes, String sha256) {
        return new RollUp(
                key,
                generation,
                from,
                to,
                epochAfter,
                lastMicros,
                rows,
                references,
                claims,
                sizeBytes,
                sha256,
                Segment.LAYOUT);
    }

    /** Gives the disk back, also that of the file. */
    @Override
    public void close() {
        try {
            spool.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give back the temporary file of " + source, e);
        }
    }
}
