package dev.tidemark.archive;

import dev.tidemark.schemas.layout.Segment;
import java.io.IOException;
import java.util.Optional;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.filter2.columnindex.RowRanges;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * One row of a segment. Where it is in its row group is told by the column of offsets, which is small; then one page of each
 * other column is fetched.
 */
final class SingleRow {
    private SingleRow() {}

    static Optional<ArchivedRow> at(Segment segment, String uri, RangedFile file, long offset) {
        FilterPredicate filter = FilterApi.eq(FilterApi.longColumn(SegmentSchema.OFFSET), offset);
        try (ParquetFileReader reader = RangedRows.reader(file, Optional.of(filter), false)) {
            RangedRows.requireFooter(segment, reader);
            for (int group = 0; group < reader.getRowGroups().size(); group++) {
                reader.setRequestedSchema(SegmentSchema.OFFSETS);
                PageReadStore pages = reader.readRowGroup(group);
                RecordReader<ColumnValues> offsets = records(segment, SegmentSchema.OFFSETS, pages);
                for (long row = 0; row < pages.getRowCount(); row++) {
                    if (offsets.read().requireLong(SegmentSchema.OFFSET) == offset) {
                        return Optional.of(read(segment, reader, group, row));
                    }
                }
            }
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            throw RangedRows.damaged(uri, e);
        }
    }

    private static ArchivedRow read(Segment segment, ParquetFileReader reader, int group, long row) throws IOException {
        MessageType all = SegmentSchema.of(segment.layout());
        reader.setRequestedSchema(all);
        PageReadStore pages = reader.readFilteredRowGroup(
                group, RowRanges.builder().addSelectedRow(row).build());
        return RowShapes.ROWS.of(records(segment, all, pages).read());
    }

    private static RecordReader<ColumnValues> records(Segment segment, MessageType wanted, PageReadStore pages) {
        return new ColumnIOFactory()
                .getColumnIO(wanted, SegmentSchema.of(segment.layout()), true)
                .getRecordReader(pages, new ColumnValuesReader(wanted));
    }
}
