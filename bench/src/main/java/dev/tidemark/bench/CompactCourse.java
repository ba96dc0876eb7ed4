package dev.tidemark.bench;

import dev.tidemark.schemas.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One source's way from Kafka to S3, to be gone again and again: by a compactor in a JVM of its own, by a sink of parquet-avro, and by a plain copy. */
final class CompactCourse implements AutoCloseable {
    static final int HEAP_MB = 512;
    private static final double NANOS_A_SECOND = 1e9;

    private final Opened opened = new Opened();
    private final int shards;
    private final int rowsAShard;
    private final long recordBytes;
    private final FilledLog log;
    private final ChildJvm compactor;
    private final ChildJvm avroSink;
    private final SerialSink copy;
    private final List<Double> sizeRatios = new ArrayList<>();
    private CompactMain.Work last = CompactMain.Work.NONE;
    private long rowsExpected;

    /** @param parquetAvro what is put on the class path for it */
    CompactCourse(
            Ground ground, String source, int shards, int rowsAShard, List<byte[]> records, List<Path> parquetAvro) {
        this.shards = shards;
        this.rowsAShard = rowsAShard;
        this.recordBytes = shards * bytes(records, rowsAShard);
        Path state = Pipeline.temporaryDirectory();
        List<String> arguments = CompactMain.arguments(ground, source, shards, state);
        try {
            opened.add(() -> Pipeline.delete(state));
            Settings settings = CompactMain.settings(arguments);
            log = opened.add(new FilledLog(settings, records));
            copy = opened.add(new SerialSink(settings, PlainObjects::new));
            avroSink = opened.add(new ChildJvm(
                    "the sink of parquet-avro",
                    AvroSinkMain.class,
                    HEAP_MB,
                    parquetAvro,
                    AvroSinkMain.arguments(arguments, rowsAShard)));
            compactor = opened.add(new ChildJvm("the compactor", CompactMain.class, HEAP_MB, List.of(), arguments));
            rowsExpected = shards * log.end();
            hearAll();
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private static long bytes(List<byte[]> records, int rows) {
        long bytes = 0;
        for (int row = 0; row < rows; row++) {
            bytes += records.get(row % records.size()).length;
        }
        return bytes;
    }

    /** Returns the first and the last word of the compactor about all that it has been given. */
    private List<CompactMain.Work> hearAll() {
        CompactMain.Work first = CompactMain.Work.parse(compactor.hear());
        CompactMain.Work latest = first;
        while (latest.rows() < rowsExpected) {
            latest = CompactMain.Work.parse(compactor.hear());
        }
        last = latest;
        return List.of(first, latest);
    }

    /** Rows that wait in Kafka, claimed, until all of them are on S3; MB of records a second. */
    double ours() {
        log.add(rowsAShard);
        rowsExpected = last.rows() + (long) shards * rowsAShard;
        CompactMain.Work before = last;

        log.claim();
        List<CompactMain.Work> firstAndLast = hearAll();

        CompactMain.Work first = firstAndLast.get(0);
        // The clock starts with the first read: what passes between a claim and that is no work.
        double firstSeconds = (first.cutSeconds() - before.cutSeconds()) / (first.segments() - before.segments());
        double seconds = (last.atNanos() - first.atNanos()) / NANOS_A_SECOND + firstSeconds;
        sizeRatios.add((last.bytes() - before.bytes()) / (double) recordBytes);
        return recordBytes / 1e6 / seconds;
    }

    /** The same bytes, read and PUT as they are, all shards at once; MB of records a second. */
    double limit() {
        long began = System.nanoTime();
        copy.copy(log.end() - rowsAShard, log.end());
        long ended = System.nanoTime();

        copy.clear();
        return recordBytes / 1e6 / ((ended - began) / NANOS_A_SECOND);
    }

    /** The same rows, read, written as parquet-avro does and PUT, all shards at once; MB of records a second. */
    double parquetAvro() {
        avroSink.ask();
        return recordBytes / 1e6 / Double.parseDouble(avroSink.hear());
    }

    /** Bytes of a round's segments to the bytes of its records. */
    Samples sizeRatios() {
        return new Samples(sizeRatios);
    }

    double megabytesARow() {
        return recordBytes / 1e6 / shards / rowsAShard;
    }

    long peakRssBytes() {
        return compactor.peakRssBytes();
    }

    @Override
    public void close() {
        opened.close();
    }
}
