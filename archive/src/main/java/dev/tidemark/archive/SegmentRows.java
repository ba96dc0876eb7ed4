package dev.tidemark.archive;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.parquet.schema.MessageType;

/**
 * The rows of a segment in the order of their offsets, one row group in memory at a time. The file has been compared with
 * its checksum already; what is checked here is that it is the segment that its metadata speaks of, to the last row.
 *
 * <p>For one thread. Closing it gives up the local copy.
 */
public final class SegmentRows<T> implements Rows<T> {
    private final Segment segment;
    private final String uri;
    private final Spool file;
    private final RowShape<T> shape;
    private final RowFileReader reader;
    private long read;
    private long lastOffset;

    /** Which columns are read, and what is made of them. */
    interface RowShape<T> {
        MessageType columns(int layout);

        T of(ColumnValues values);
    }

    private SegmentRows(Segment segment, String uri, Spool file, RowShape<T> shape, RowFileReader reader) {
        this.segment = segment;
        this.uri = uri;
        this.file = file;
        this.shape = shape;
        this.reader = reader;
        this.lastOffset = segment.key().frontier() - 1;
    }

    /** Takes over the file, also if this fails. */
    static <T> SegmentRows<T> open(Segment segment, String uri, Spool file, RowShape<T> shape) {
        RowFileReader reader = null;
        try {
            reader = RowFileReader.open(new SpoolFile(file));
            SegmentRows<T> rows = new SegmentRows<>(segment, uri, file, shape, reader);
            rows.checkFooter();
            reader.want(shape.columns(segment.layout()));
            return rows;
        } catch (IOException | RuntimeException e) {
            closeQuietly(reader, file);
            throw e instanceof TidemarkError foreseen ? foreseen : damaged(uri, "it cannot be opened as Parquet", e);
        }
    }

    private void checkFooter() {
        if (!reader.schema().equals(SegmentSchema.of(segment.layout()))) {
            throw damaged(uri, "its columns are not those of layout " + segment.layout(), null);
        }
        Map<String, String> footer = reader.footer();
        SegmentMetadata.footer(segment).forEach((name, value) -> {
            if (!value.equals(footer.get(name))) {
                throw damaged(
                        uri,
                        "its footer has %s=%s where %s is expected".formatted(name, footer.get(name), value),
                        null);
            }
        });
        if (reader.rows() != segment.rows()) {
            throw damaged(uri, "it has %d rows and not %d".formatted(reader.rows(), segment.rows()), null);
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
            ColumnValues values = reader.next().orElseThrow();
            long offset = values.requireLong(SegmentSchema.OFFSET);
            if (offset <= lastOffset || offset >= segment.end()) {
                throw new IllegalArgumentException("offset %d follows offset %d in [%d, %d)"
                        .formatted(offset, lastOffset, segment.key().frontier(), segment.end()));
            }
            T row = shape.of(values);
            lastOffset = offset;
            read++;
            return row;
        } catch (IOException | RuntimeException e) {
            throw damaged(uri, "after %d rows it does not read on: %s".formatted(read, e.getMessage()), e);
        }
    }

    static TidemarkError damaged(String uri, String how, Throwable cause) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s is damaged: %s. Nothing was taken from it, and other segments are not affected. Put back an earlier version or a copy of this object; until then times that need it cannot be restored"
                        .formatted(uri, how),
                cause);
    }

    static void closeQuietly(RowFileReader reader, Spool file) {
        try {
            if (reader != null) {
                reader.close();
            }
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the local copy of an object", e);
        }
    }

    @Override
    public void close() {
        closeQuietly(reader, file);
    }
}
