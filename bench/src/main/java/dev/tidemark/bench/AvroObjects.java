package dev.tidemark.bench;

import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.log.UnreadableRecord;
import java.util.ArrayList;
import java.util.List;

/** Records as parquet-avro writes their rows. */
final class AvroObjects implements ObjectMaking {
    private final LogRowCodec codec = new LogRowCodec();
    private final AvroWriting writing = new AvroWriting();

    @Override
    public void put(List<byte[]> records, RawBucket bucket) {
        List<LogRow> rows = new ArrayList<>(records.size());
        try {
            for (byte[] record : records) {
                rows.add(codec.decode(record));
            }
        } catch (UnreadableRecord e) {
            throw new IllegalStateException("a record that was written here cannot be read", e);
        }
        byte[] file = writing.file(rows);
        bucket.put(file, file.length);
    }
}
