package dev.tidemark.archive;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.RollUp;
import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.io.api.Binary;

/**
 * The rows of a roll-up: those without a key first, then by key, each key's by offset. The file has been compared with its
 * checksum already; what is checked here is that it is the roll-up that its marker speaks of, to the last row.
 *
 * <p>For one thread. Closing it gives up the local copy.
 */
public final class RollUpRows<T> implements Rows<T> {
    private final RollUp rollUp;
    private final String uri;
    private final Spool file;
    private final SegmentRows.RowShape<T> shape;
    private final RowFileReader reader;
    private final Optional<Bytes> oneKey;
    private Optional<T> ahead = Optional.empty();
    private long read;
    private boolean ended;

    private RollUpRows(
            RollUp rollUp,
            String uri,
            Spool file,
            SegmentRows.RowShape<T> shape,
            RowFileReader reader,
            Optional<Bytes> oneKey) {
        this.rollUp = rollUp;
        this.uri = uri;
        this.file = file;
        this.shape = shape;
        this.reader = reader;
        this.oneKey = oneKey;
    }

    /**
     * Takes over the file, also if this fails.
     *
     * @param oneKey reads the rows of this key alone, and no more of the file than it must
     */
    static <T> RollUpRows<T> open(
            RollUp rollUp, String uri, Spool file, SegmentRows.RowShape<T> shape, Optional<Bytes> oneKey) {
        RowFileReader reader = null;
        try {
            reader = RowFileReader.open(
                    new SpoolFile(file), oneKey.map(RollUpRows::equal).orElse(FilterCompat.NOOP));
            RollUpRows<T> rows = new RollUpRows<>(rollUp, uri, file, shape, reader, oneKey);
            rows.checkFooter();
            reader.want(shape.columns(rollUp.layout()));
            return rows;
        } catch (IOException | RuntimeException e) {
            SegmentRows.closeQuietly(reader, file);
            throw e instanceof TidemarkError foreseen
                    ? foreseen
                    : SegmentRows.damaged(uri, "it cannot be opened as Parquet", e);
        }
    }

    private static FilterCompat.Filter equal(Bytes key) {
        return FilterCompat.get(FilterApi.eq(
                FilterApi.binaryColumn(SegmentSchema.KEY_BYTES), Binary.fromConstantByteArray(key.array())));
    }

    private void checkFooter() {
        if (!reader.schema().equals(SegmentSchema.of(rollUp.layout()))) {
            throw SegmentRows.damaged(uri, "its columns are not those of layout " + rollUp.layout(), null);
        }
        RollUpMetadata.footer(rollUp).forEach((name, value) -> {
            if (!value.equals(reader.footer().get(name))) {
                throw SegmentRows.damaged(
                        uri,
                        "its footer has %s=%s where %s is expected"
                                .formatted(name, reader.footer().get(name), value),
                        null);
            }
        });
        if (oneKey.isEmpty() && reader.rows() != rollUp.rows()) {
            throw SegmentRows.damaged(uri, "it has %d rows and not %d".formatted(reader.rows(), rollUp.rows()), null);
        }
    }

    @Override
    public boolean hasNext() {
        if (ahead.isEmpty() && !ended) {
            ahead = fetch();
            ended = ahead.isEmpty();
        }
        return ahead.isPresent();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        T row = ahead.orElseThrow();
        ahead = Optional.empty();
        return row;
    }

    private Optional<T> fetch() {
        try {
            Optional<ColumnValues> found = Optional.empty();
            while (found.isEmpty() && reader.hasNext()) {
                found = reader.next();
            }
            if (found.isEmpty()) {
                if (oneKey.isEmpty() && read != rollUp.rows()) {
                    throw new IOException("there are no more row groups");
                }
                return Optional.empty();
            }
            ColumnValues values = found.get();
            long offset = values.requireLong(SegmentSchema.OFFSET);
            if (offset < rollUp.from() || offset >= rollUp.to()) {
                throw new IllegalArgumentException(
                        "offset %d is not in [%d, %d)".formatted(offset, rollUp.from(), rollUp.to()));
            }
            read++;
            return Optional.of(shape.of(values));
        } catch (IOException | RuntimeException e) {
            throw SegmentRows.damaged(uri, "after %d rows it does not read on: %s".formatted(read, e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        SegmentRows.closeQuietly(reader, file);
    }
}
