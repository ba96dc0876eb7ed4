package dev.tidemark.archive;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** Some columns of one of our Parquet files, one row group in memory at a time. For one thread. */
final class RowFileReader implements AutoCloseable {
    private final ParquetFileReader reader;
    private final FilterCompat.Filter filter;
    private MessageType wanted;
    private MessageColumnIO columns;
    private RecordReader<ColumnValues> group;
    private long leftInGroup;

    private RowFileReader(ParquetFileReader reader, FilterCompat.Filter filter) {
        this.reader = reader;
        this.filter = filter;
    }

    static RowFileReader open(InputFile file) throws IOException {
        return open(file, FilterCompat.NOOP);
    }

    /** @param filter row groups and pages in which nothing can match it are passed over; what else is read need not match */
    static RowFileReader open(InputFile file, FilterCompat.Filter filter) throws IOException {
        return new RowFileReader(
                ParquetFileReader.open(
                        file,
                        ParquetReadOptions.builder(new PlainParquetConfiguration())
                                .withCodecFactory(new ZstdCodec())
                                .withPageChecksumVerification(true)
                                .withRecordFilter(filter)
                                .build()),
                filter);
    }

    MessageType schema() {
        return reader.getFileMetaData().getSchema();
    }

    Map<String, String> footer() {
        return reader.getFileMetaData().getKeyValueMetaData();
    }

    long rows() {
        return reader.getRecordCount();
    }

    /** Chooses what is read; to be told before the first row. */
    void want(MessageType requested) {
        wanted = requested;
        reader.setRequestedSchema(requested);
        columns = new ColumnIOFactory().getColumnIO(requested, schema(), true);
    }

    boolean hasNext() throws IOException {
        while (leftInGroup == 0) {
            PageReadStore pages = reader.readNextFilteredRowGroup();
            if (pages == null) {
                return false;
            }
            group = columns.getRecordReader(pages, new ColumnValuesReader(wanted), filter);
            leftInGroup = pages.getRowCount();
        }
        return true;
    }

    /** The next row; empty for one that had to be read and that the filter excludes. */
    Optional<ColumnValues> next() throws IOException {
        if (!hasNext()) {
            throw new IOException("there are no more row groups");
        }
        leftInGroup--;
        return Optional.ofNullable(group.read());
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
