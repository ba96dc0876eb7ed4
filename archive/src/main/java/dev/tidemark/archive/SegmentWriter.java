package dev.tidemark.archive;

import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * Writes the Parquet file of one segment, row by row in the order of their offsets. It holds the compressed file and at
 * most one row group that is not yet compressed.
 */
public final class SegmentWriter {
    private static final long ROW_GROUP_BYTES = 16L << 20;
    private static final int PAGE_BYTES = 1 << 20;
    /** Parquet looks at its buffers only every so many rows, and a row may take megabytes. */
    private static final int SIZE_CHECK_ROWS_MAX = 16;

    private final SegmentKey key;
    private final ObjectBody.Sink sink = new ObjectBody.Sink();
    private final SegmentRowWriter rowWriter;
    private final ParquetWriter<ArchivedRow> writer;
    private long rows;
    private long lastOffset;

    public SegmentWriter(String source, SegmentKey key) {
        this.key = key;
        this.lastOffset = key.frontier() - 1;
        this.rowWriter = new SegmentRowWriter(source, key.shard());
        try {
            this.writer = new Builder(new SinkFile(sink), rowWriter)
                    .withConf(new PlainParquetConfiguration())
                    .withCodecFactory(new ZstdCodec())
                    .withCompressionCodec(CompressionCodecName.ZSTD)
                    .withRowGroupSize(ROW_GROUP_BYTES)
                    .withPageSize(PAGE_BYTES)
                    .withMinRowCountForPageSizeCheck(1)
                    .withMaxRowCountForPageSizeCheck(SIZE_CHECK_ROWS_MAX)
                    .withPageWriteChecksumEnabled(true)
                    // Values hardly ever repeat: a dictionary would be built, found too large and thrown away.
                    .withDictionaryEncoding(SegmentSchema.VALUE, false)
                    .withDictionaryEncoding(
                            SegmentSchema.FIELDS + "." + SegmentSchema.FIELD_ENTRY + "." + SegmentSchema.FIELD_VALUE,
                            false)
                    .withDictionaryEncoding(SegmentSchema.DUMP, false)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        try {
            writer.write(new ArchivedRow(offset, row));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lastOffset = offset;
        rows++;
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
        Segment described = new Segment(key, end, epochAfter, lastMicros, rows, claims, 0, "");
        rowWriter.describe(SegmentMetadata.footer(described));
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ObjectBody body = sink.body();
        return new SegmentFile(
                new Segment(key, end, epochAfter, lastMicros, rows, claims, body.sizeBytes(), body.sha256Hex()), body);
    }

    private static final class Builder extends ParquetWriter.Builder<ArchivedRow, Builder> {
        private final SegmentRowWriter support;

        Builder(OutputFile file, SegmentRowWriter support) {
            super(file);
            this.support = support;
        }

        @Override
        protected Builder self() {
            return this;
        }

        // Deprecated there, and still abstract.
        @SuppressWarnings("deprecation")
        @Override
        protected WriteSupport<ArchivedRow> getWriteSupport(Configuration unused) {
            return support;
        }

        @Override
        protected WriteSupport<ArchivedRow> getWriteSupport(ParquetConfiguration unused) {
            return support;
        }
    }

    private record SinkFile(ObjectBody.Sink sink) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new PositionOutputStream() {
                @Override
                public long getPos() {
                    return sink.written();
                }

                @Override
                public void write(int b) {
                    sink.write(b);
                }

                @Override
                public void write(byte[] bytes, int from, int length) {
                    sink.write(bytes, from, length);
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
