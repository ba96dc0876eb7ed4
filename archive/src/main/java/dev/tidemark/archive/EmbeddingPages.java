package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.FloatStatistics;
import org.apache.parquet.column.statistics.Statistics;

/**
 * The column of embeddings in one row group. Redis's bytes are float32, little endian, and so are Parquet's plain floats:
 * a row's embedding is copied as it is, where Parquet's own writer would take it float by float.
 */
final class EmbeddingPages {
    private static final VarHandle FLOATS =
            MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int ABSENT = 0;
    private static final int PRESENT = 2;
    private static final int FIRST = 0;
    private static final int NEXT = 1;

    private final PageWriter pages;
    private final ColumnDescriptor column;
    private final int pageBytes;
    private final int pageRowsMax;
    private final LevelRuns repetition = new LevelRuns();
    private final LevelRuns definition = new LevelRuns();
    private final ByteArrayOutputStream floats = new ByteArrayOutputStream();
    private FloatStatistics statistics;
    private int values;
    private int rows;

    /** @param pageBytes at which a page ends, with the row that reaches it */
    EmbeddingPages(PageWriter pages, ColumnDescriptor column, int pageBytes, int pageRowsMax) {
        this.pages = pages;
        this.column = column;
        this.pageBytes = pageBytes;
        this.pageRowsMax = pageRowsMax;
        this.statistics = noneYet();
    }

    private FloatStatistics noneYet() {
        return (FloatStatistics) Statistics.createStats(column.getPrimitiveType());
    }

    /** A row without an embedding. */
    void absent() {
        repetition.add(FIRST, 1);
        definition.add(ABSENT, 1);
        statistics.incrementNumNulls();
        endRow(1);
    }

    /** A row's embedding: whole floats, at least one. */
    void add(Bytes embedding) {
        int dims = ChunkColumns.dims(embedding);
        repetition.add(FIRST, 1);
        repetition.add(NEXT, dims - 1);
        definition.add(PRESENT, dims);
        floats.write(embedding.array(), 0, embedding.length());
        bound(embedding.array());
        endRow(dims);
    }

    /** The least and the greatest tell the statistics as much as all would; one NaN makes them say nothing. */
    private void bound(byte[] embedding) {
        float least = Float.POSITIVE_INFINITY;
        float greatest = Float.NEGATIVE_INFINITY;
        boolean isOrdered = true;
        for (int at = 0; at < embedding.length; at += Float.BYTES) {
            float next = (float) FLOATS.get(embedding, at);
            // Nearly all are within; a NaN never is. Readers of statistics take the two zeros for one.
            if (!(next >= least && next <= greatest)) {
                isOrdered &= !Float.isNaN(next);
                least = Math.min(least, next);
                greatest = Math.max(greatest, next);
            }
        }
        statistics.updateStats(isOrdered ? least : Float.NaN);
        statistics.updateStats(isOrdered ? greatest : Float.NaN);
    }

    private void endRow(int valuesOfRow) {
        values += valuesOfRow;
        rows++;
        if (floats.size() >= pageBytes || rows >= pageRowsMax) {
            endPage();
        }
    }

    /** Completes the column chunk. */
    void flush() {
        if (rows > 0) {
            endPage();
        }
    }

    private void endPage() {
        try {
            pages.writePage(
                    BytesInput.concat(repetition.page(), definition.page(), BytesInput.from(floats)),
                    values,
                    rows,
                    statistics,
                    Encoding.RLE,
                    Encoding.RLE,
                    Encoding.PLAIN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        repetition.reset();
        definition.reset();
        floats.reset();
        statistics = noneYet();
        values = 0;
        rows = 0;
    }
}
