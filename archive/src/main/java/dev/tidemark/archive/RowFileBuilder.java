package dev.tidemark.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.LongSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** How rows become a Parquet file: what segments and roll-ups have in common. */
final class RowFileBuilder extends ParquetWriter.Builder<ArchivedRow, RowFileBuilder> {
    /** Parquet looks at its buffers only every so many rows, and a row may take megabytes. */
    private static final int SIZE_CHECK_ROWS_MAX = 16;

    private final SegmentRowWriter support;

    private RowFileBuilder(OutputFile file, SegmentRowWriter support) {
        super(file);
        this.support = support;
    }

    /**
     * @param out is written to and never closed
     * @param written how many bytes it has taken
     */
    static RowFileBuilder to(OutputStream out, LongSupplier written, SegmentRowWriter support) {
        return new RowFileBuilder(new StreamFile(out, written), support)
                .withConf(new PlainParquetConfiguration())
                .withCodecFactory(new ZstdCodec())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withMinRowCountForPageSizeCheck(1)
                .withMaxRowCountForPageSizeCheck(SIZE_CHECK_ROWS_MAX)
                .withPageWriteChecksumEnabled(true)
                // Values hardly ever repeat: a dictionary would be built, found too large and thrown away.
                .withDictionaryEncoding(SegmentSchema.VALUE, false)
                .withDictionaryEncoding(
                        SegmentSchema.FIELDS + "." + SegmentSchema.FIELD_ENTRY + "." + SegmentSchema.FIELD_VALUE, false)
                .withDictionaryEncoding(SegmentSchema.DUMP, false)
                .withDictionaryEncoding(SegmentSchema.TEXT, false)
                .withDictionaryEncoding(SegmentSchema.METADATA, false)
                .withDictionaryEncoding(SegmentSchema.EMBEDDING_PATH, false);
    }

    ParquetWriter<ArchivedRow> open() {
        try {
            return build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected RowFileBuilder self() {
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

    /** Parquet's view of a stream that is ours. */
    record StreamFile(OutputStream out, LongSupplier written) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new PositionOutputStream() {
                @Override
                public long getPos() {
                    return written.getAsLong();
                }

                @Override
                public void write(int b) throws IOException {
                    out.write(b);
                }

                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    out.write(bytes, from, length);
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
