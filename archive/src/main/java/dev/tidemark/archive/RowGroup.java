package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** One row group that is being filled, row by row: each row gives a value for the columns that it has, and ends. */
final class RowGroup {
    private static final int ENTRY_PRESENT = 2;
    private static final int FIELD_REPETITION = 1;

    /** The columns that Parquet's own writers write: all but the embeddings. */
    private static final MessageType OTHERS = new MessageType(
            SegmentSchema.ALL.getName(),
            SegmentSchema.ALL.getFields().stream()
                    .filter(field -> !field.getName().equals(SegmentSchema.EMBEDDING))
                    .toList());

    private static final int FIELDS_AT = SegmentSchema.ALL.getFieldIndex(SegmentSchema.FIELDS);
    private static final int EMBEDDING_AT = SegmentSchema.ALL.getFieldIndex(SegmentSchema.EMBEDDING);

    private final ColumnChunkPageWriteStore pages;
    private final ColumnWriteStore store;
    private final ColumnWriter[] flat = new ColumnWriter[SegmentSchema.ALL.getFieldCount()];
    private final ColumnWriter fieldNames;
    private final ColumnWriter fieldValues;
    private final EmbeddingPages embeddings;
    private final BitSet given = new BitSet();
    private long rows;
    private long sizeBytes;

    RowGroup(ParquetProperties properties, BytesInputCompressor compressor) {
        pages = new ColumnChunkPageWriteStore(
                compressor,
                SegmentSchema.ALL,
                properties.getAllocator(),
                properties.getColumnIndexTruncateLength(),
                properties.getPageWriteChecksumEnabled());
        store = properties.newColumnWriteStore(OTHERS, pages, pages);
        for (Type field : OTHERS.getFields()) {
            if (field.isPrimitive()) {
                flat[SegmentSchema.ALL.getFieldIndex(field.getName())] = store.getColumnWriter(column(field.getName()));
            }
        }
        fieldNames = store.getColumnWriter(
                column(SegmentSchema.FIELDS, SegmentSchema.FIELD_ENTRY, SegmentSchema.FIELD_NAME));
        fieldValues = store.getColumnWriter(
                column(SegmentSchema.FIELDS, SegmentSchema.FIELD_ENTRY, SegmentSchema.FIELD_VALUE));
        ColumnDescriptor embedding = column(SegmentSchema.EMBEDDING, SegmentSchema.LIST, SegmentSchema.ELEMENT);
        embeddings = new EmbeddingPages(
                pages.getPageWriter(embedding),
                embedding,
                properties.getPageSizeThreshold(),
                properties.getPageRowCountLimit());
    }

    private static ColumnDescriptor column(String... path) {
        return SegmentSchema.ALL.getColumnDescription(path);
    }

    void number(String column, long value) {
        give(column, Long.BYTES).write(value, 0, definition(column));
    }

    void integer(String column, int value) {
        give(column, Integer.BYTES).write(value, 0, definition(column));
    }

    void binary(String column, Binary value) {
        give(column, value.length()).write(value, 0, definition(column));
    }

    private ColumnWriter give(String column, int bytes) {
        int at = SegmentSchema.ALL.getFieldIndex(column);
        given.set(at);
        sizeBytes += bytes;
        return flat[at];
    }

    private static int definition(String column) {
        return SegmentSchema.ALL.getType(column).isRepetition(Type.Repetition.OPTIONAL) ? 1 : 0;
    }

    /** A map of these, at least one. */
    void fields(List<Value.Field> fields) {
        given.set(FIELDS_AT);
        int repetition = 0;
        for (Value.Field field : fields) {
            fieldNames.write(Binary.fromConstantByteArray(field.name().array()), repetition, ENTRY_PRESENT);
            fieldValues.write(Binary.fromConstantByteArray(field.value().array()), repetition, ENTRY_PRESENT);
            sizeBytes += field.name().length() + field.value().length();
            repetition = FIELD_REPETITION;
        }
    }

    void embedding(Bytes embedding) {
        given.set(EMBEDDING_AT);
        embeddings.add(embedding);
        sizeBytes += embedding.length();
    }

    /** What was not given is null. */
    void endRow() {
        for (int at = given.nextClearBit(0); at < flat.length; at = given.nextClearBit(at + 1)) {
            if (at == EMBEDDING_AT) {
                embeddings.absent();
            } else if (at == FIELDS_AT) {
                fieldNames.writeNull(0, 0);
                fieldValues.writeNull(0, 0);
            } else {
                flat[at].writeNull(0, 0);
            }
        }
        given.clear();
        store.endRecord();
        rows++;
    }

    /** What its rows hold, before it is encoded. */
    long sizeBytes() {
        return sizeBytes;
    }

    /** Completes it; without a row there is none. */
    void flushTo(ParquetFileWriter file) throws IOException {
        try (pages;
                store) {
            if (rows > 0) {
                file.startBlock(rows);
                store.flush();
                embeddings.flush();
                pages.flushToFileWriter(file);
                file.endBlock();
            }
        }
    }
}
