package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * The rows of a segment in the order of their offsets, one row group in memory at a time. The file has been compared with
 * its checksum already; what is checked here is that it is the segment that its metadata speaks of, to the last row.
 *
 * <p>For one thread. Closing it deletes the local copy.
 */
public final class SegmentRows<T> implements Iterator<T>, AutoCloseable {
    private final Segment segment;
    private final String uri;
    private final Path file;
    private final RowShape<T> shape;
    private final ParquetFileReader reader;
    private final MessageColumnIO columns;
    private RecordReader<ColumnValues> group;
    private long leftInGroup;
    private long read;
    private long lastOffset;

    /** Which columns are read, and what is made of them. */
    interface RowShape<T> {
        MessageType columns();

        T of(ColumnValues values);
    }

    private SegmentRows(Segment segment, String uri, Path file, RowShape<T> shape, ParquetFileReader reader) {
        this.segment = segment;
        this.uri = uri;
        this.file = file;
        this.shape = shape;
        this.reader = reader;
        this.columns = new ColumnIOFactory().getColumnIO(shape.columns(), SegmentSchema.ALL, true);
        this.lastOffset = segment.key().frontier() - 1;
    }

    /** Takes over the file, also if this fails. */
    static <T> SegmentRows<T> open(Segment segment, String uri, Path file, RowShape<T> shape) {
        ParquetFileReader reader = null;
        try {
            reader = ParquetFileReader.open(
                    new LocalInputFile(file),
                    ParquetReadOptions.builder(new PlainParquetConfiguration())
                            .withCodecFactory(new ZstdCodec())
                            .withPageChecksumVerification(true)
                            .build());
            SegmentRows<T> rows = new SegmentRows<>(segment, uri, file, shape, reader);
            rows.checkFooter();
            reader.setRequestedSchema(shape.columns());
            return rows;
        } catch (IOException | RuntimeException e) {
            closeQuietly(reader, file);
            throw e instanceof TidemarkError foreseen ? foreseen : damaged(uri, "it cannot be opened as Parquet", e);
        }
    }

    private void checkFooter() {
        if (!reader.getFileMetaData().getSchema().equals(SegmentSchema.ALL)) {
            throw damaged(uri, "its columns are not those of layout 1", null);
        }
        Map<String, String> footer = reader.getFileMetaData().getKeyValueMetaData();
        SegmentMetadata.footer(segment).forEach((name, value) -> {
            if (!value.equals(footer.get(name))) {
                throw damaged(
                        uri,
                        "its footer has %s=%s where %s is expected".formatted(name, footer.get(name), value),
                        null);
            }
        });
        if (reader.getRecordCount() != segment.rows()) {
            throw damaged(uri, "it has %d rows and not %d".formatted(reader.getRecordCount(), segment.rows()), null);
        }
    }

    @Override
    public boolean hasNext() {
        return read < segment.rows();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        try {
            if (leftInGroup == 0) {
                nextGroup();
            }
            ColumnValues values = group.read();
            long offset = values.requireLong(SegmentSchema.OFFSET);
            if (offset <= lastOffset || offset >= segment.end()) {
                throw new IllegalArgumentException("offset %d follows offset %d in [%d, %d)"
                        .formatted(offset, lastOffset, segment.key().frontier(), segment.end()));
            }
            T row = shape.of(values);
            lastOffset = offset;
            leftInGroup--;
            read++;
            return row;
        } catch (IOException | RuntimeException e) {
            throw damaged(uri, "after %d rows it does not read on: %s".formatted(read, e.getMessage()), e);
        }
    }

    private void nextGroup() throws IOException {
        PageReadStore pages = reader.readNextRowGroup();
        if (pages == null) {
            throw new IOException("there are no more row groups");
        }
        group = columns.getRecordReader(pages, new ColumnValuesReader(shape.columns()));
        leftInGroup = pages.getRowCount();
    }

    static TidemarkError damaged(String uri, String how, Throwable cause) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s is damaged: %s. Nothing was taken from it, and other segments are not affected. Put back an earlier version or a copy of this object; until then times that need it cannot be restored"
                        .formatted(uri, how),
                cause);
    }

    private static void closeQuietly(ParquetFileReader reader, Path file) {
        try {
            if (reader != null) {
                reader.close();
            }
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the local copy " + file, e);
        }
    }

    @Override
    public void close() {
        closeQuietly(reader, file);
    }
}
