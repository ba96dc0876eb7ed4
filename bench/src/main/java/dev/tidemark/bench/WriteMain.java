package dev.tidemark.bench;

import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.log.UnreadableRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes a Parquet file of the same rows whenever it is asked, one way or the other, and tells how long that took. */
final class WriteMain {
    static final String OURS = "ours";
    static final String AVRO = "avro";

    private WriteMain() {}

    /** Which way, and of how many chunks. */
    public static void main(String[] args) throws IOException, UnreadableRecord {
        RowWriting writing = args[0].equals(OURS) ? new SegmentWriting() : new AvroWriting();
        LogRowCodec codec = new LogRowCodec();
        List<LogRow> rows = new ArrayList<>();
        long recordBytes = 0;
        for (byte[] record : new DataSet(KeyKind.VECTOR, Integer.parseInt(args[1])).records()) {
            rows.add(codec.decode(record));
            recordBytes += record.length;
        }
        while (System.in.read() >= 0) {
            long began = System.nanoTime();
            long fileBytes = writing.write(rows);
            double seconds = (System.nanoTime() - began) / 1e9;
            ChildJvm.say(new Written(recordBytes / 1e6 / seconds, fileBytes).line());
        }
    }

    /** @param megabytesPerSecond of the rows' records in the log */
    record Written(double megabytesPerSecond, long fileBytes) {
        String line() {
            return megabytesPerSecond + " " + fileBytes;
        }

        static Written parse(String line) {
            String[] words = line.split(" ", -1);
            return new Written(Double.parseDouble(words[0]), Long.parseLong(words[1]));
        }
    }
}
