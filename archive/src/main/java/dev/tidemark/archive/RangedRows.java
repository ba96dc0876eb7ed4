package dev.tidemark.archive;

import dev.tidemark.archive.SegmentRows.RowShape;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchivedRange;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;

/**
 * Some rows of a segment or a roll-up, of which no more is fetched than the columns, row groups and pages they may be in. The whole is
 * therefore not compared with its checksum; each page is with its own, and the footer with the metadata.
 *
 * <p>What comes may be rows beside those that were asked for, since pages are taken whole. For one thread.
 */
public final class RangedRows<T> implements Rows<T> {
    private final ArchivedRange range;
    private final String uri;
    private final RowShape<T> shape;
    private final ParquetFileReader reader;
    private final MessageColumnIO columns;
    private RecordReader<ColumnValues> group;
    private long leftInGroup;
    private Optional<T> next = Optional.empty();

    private RangedRows(ArchivedRange range, String uri, RowShape<T> shape, ParquetFileReader reader) {
        this.range = range;
        this.uri = uri;
        this.shape = shape;
        this.reader = reader;
        this.columns = new ColumnIOFactory()
                .getColumnIO(shape.columns(range.layout()), SegmentSchema.of(range.layout()), true);
    }

    static <T> RangedRows<T> open(
            ArchivedRange range, String uri, RangedFile file, RowShape<T> shape, Optional<FilterPredicate> filter) {
        ParquetFileReader reader = null;
        try {
            reader = reader(file, filter, true);
            requireFooter(range, reader);
            RangedRows<T> rows = new RangedRows<>(range, uri, shape, reader);
            reader.setRequestedSchema(shape.columns(range.layout()));
            rows.advance();
            return rows;
        } catch (IOException | RuntimeException e) {
            closeQuietly(reader);
            throw damaged(uri, e);
        }
    }

    /** @param byPages whether the filter is to leave out pages, not only row groups */
    static ParquetFileReader reader(RangedFile file, Optional<FilterPredicate> filter, boolean byPages)
            throws IOException {
        return ParquetFileReader.open(
                file,
                ParquetReadOptions.builder(new PlainParquetConfiguration())
                        .withCodecFactory(new ZstdCodec())
                        .withPageChecksumVerification(true)
                        .useColumnIndexFilter(byPages)
                        .withRecordFilter(filter.map(FilterCompat::get).orElse(FilterCompat.NOOP))
                        .build());
    }

    static FilterPredicate key(Bytes key) {
        return FilterApi.eq(FilterApi.binaryColumn(SegmentSchema.KEY_BYTES), Binary.fromConstantByteArray(key.array()));
    }

    /** Of a roll-up: it is sorted by key, and has a bloom filter of those that can be read. */
    static FilterPredicate keyOfRollUp(Bytes key) {
        FilterPredicate sorted = key(key);
        return key.asUtf8()
                .map(text -> FilterApi.and(
                        FilterApi.eq(FilterApi.binaryColumn(SegmentSchema.KEY), Binary.fromString(text)), sorted))
                .orElse(sorted);
    }

    private static Map<String, String> footer(ArchivedRange range) {
        return range instanceof RollUp rollUp ? RollUpMetadata.footer(rollUp) : SegmentMetadata.footer((Segment) range);
    }

    static void requireFooter(ArchivedRange range, ParquetFileReader reader) throws IOException {
        if (!reader.getFileMetaData().getSchema().equals(SegmentSchema.of(range.layout()))) {
            throw new IOException("its columns are not those of layout " + range.layout());
        }
        Map<String, String> footer = reader.getFileMetaData().getKeyValueMetaData();
        for (Map.Entry<String, String> each : footer(range).entrySet()) {
            if (!each.getValue().equals(footer.get(each.getKey()))) {
                throw new IOException("its footer has %s=%s where %s is expected"
                        .formatted(each.getKey(), footer.get(each.getKey()), each.getValue()));
            }
        }
    }

    @Override
    public boolean hasNext() {
        return next.isPresent();
    }

    @Override
    public T next() {
        T row = next.orElseThrow(NoSuchElementException::new);
        try {
            advance();
        } catch (IOException | RuntimeException e) {
            throw damaged(uri, e);
        }
        return row;
    }

    private void advance() throws IOException {
        while (leftInGroup == 0) {
            PageReadStore pages = reader.readNextFilteredRowGroup();
            if (pages == null) {
                next = Optional.empty();
                return;
            }
            group = columns.getRecordReader(pages, new ColumnValuesReader(shape.columns(range.layout())));
            leftInGroup = pages.getRowCount();
        }
        ColumnValues values = group.read();
        leftInGroup--;
        long offset = values.requireLong(SegmentSchema.OFFSET);
        if (offset < range.from() || offset >= range.to()) {
            throw new IOException("offset %d is not in [%d, %d)".formatted(offset, range.from(), range.to()));
        }
        next = Optional.of(shape.of(values));
    }

    static TidemarkError damaged(String uri, Exception e) {
        return e instanceof TidemarkError foreseen
                ? foreseen
                : SegmentRows.damaged(uri, "it does not read as Parquet: " + e.getMessage(), e);
    }

    private static void closeQuietly(ParquetFileReader reader) {
        try {
            if (reader != null) {
                reader.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closeQuietly(reader);
    }
}
