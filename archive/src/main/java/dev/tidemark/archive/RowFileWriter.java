package dev.tidemark.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Writes rows into a Parquet file: what segments and roll-ups have in common. It works on Parquet's columns and pages
 * rather than on its records, since a record passes every float of an embedding through half a dozen calls.
 */
final class RowFileWriter {
    /** Parquet looks at its pages only every so many rows, and a row may take megabytes. */
    private static final int SIZE_CHECK_ROWS_MAX = 16;

    private final RowColumns columns;
    private final long rowGroupBytes;
    private final ParquetProperties properties;
    private final BytesInputCompressor compressor = new ZstdCodec().getCompressor(CompressionCodecName.ZSTD);
    private final ParquetFileWriter file;
    private RowGroup group;

    /** @param properties as {@link #properties} gives them, and what this kind of file has of its own */
    RowFileWriter(StreamFile to, RowColumns columns, long rowGroupBytes, ParquetProperties properties) {
        this.columns = columns;
        this.rowGroupBytes = rowGroupBytes;
        this.properties = properties;
        try {
            file = new ParquetFileWriter(
                    to,
                    SegmentSchema.ALL,
                    ParquetFileWriter.Mode.CREATE,
                    rowGroupBytes,
                    0,
                    properties.getColumnIndexTruncateLength(),
                    properties.getStatisticsTruncateLength(),
                    properties.getPageWriteChecksumEnabled());
            file.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        group = newGroup();
    }

    static ParquetProperties.Builder properties(int pageBytes) {
        return ParquetProperties.builder()
                .withPageSize(pageBytes)
                .withMinRowCountForPageSizeCheck(1)
                .withMaxRowCountForPageSizeCheck(SIZE_CHECK_ROWS_MAX)
                .withPageWriteChecksumEnabled(true)
                // What hardly ever repeats: a dictionary would be built, found too large and thrown away.
                .withDictionaryEncoding(SegmentSchema.OFFSET, false)
                .withDictionaryEncoding(SegmentSchema.REDIS_TIME, false)
                .withDictionaryEncoding(SegmentSchema.TOUCHED_AFTER, false)
                .withDictionaryEncoding(SegmentSchema.KEY, false)
                .withDictionaryEncoding(SegmentSchema.KEY_BYTES, false)
                .withDictionaryEncoding(SegmentSchema.CHUNK_ID, false)
                .withDictionaryEncoding(SegmentSchema.VALUE, false)
                .withDictionaryEncoding(
                        SegmentSchema.FIELDS + "." + SegmentSchema.FIELD_ENTRY + "." + SegmentSchema.FIELD_VALUE, false)
                .withDictionaryEncoding(SegmentSchema.DUMP, false)
                .withDictionaryEncoding(SegmentSchema.TEXT, false)
                .withDictionaryEncoding(SegmentSchema.METADATA, false);
    }

    private RowGroup newGroup() {
        return new RowGroup(properties, compressor);
    }

    void write(ArchivedRow row) {
        columns.write(row, group);
        if (group.sizeBytes() >= rowGroupBytes) {
            endGroup();
            group = newGroup();
        }
    }

    private void endGroup() {
        try {
            group.flushTo(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Completes the file; the writer is used up. */
    void finish(Map<String, String> footer) {
        endGroup();
        try {
            file.end(footer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
