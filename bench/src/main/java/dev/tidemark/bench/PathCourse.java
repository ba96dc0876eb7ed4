package dev.tidemark.bench;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.Points;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One data set's way to S3, to be gone again and again: by Tidemark, and raw. */
final class PathCourse implements AutoCloseable {
    private static final Duration ROUND_MAX = Duration.ofMinutes(10);
    private static final double NANOS_A_SECOND = 1e9;

    /** Where the time of a round goes. */
    private enum Stage {
        TOUCH,
        LOG,
        ARCHIVE,
        RAW_READ,
        RAW_PRODUCE,
        RAW_PUT
    }

    private final Opened opened = new Opened();
    private final Pipeline pipeline;
    private final DataSet data;
    private final ArchivedClaims claims;
    private final RawLog log;
    private final RawBucket bucket;
    private final byte[] reads;
    private final long readReplyBytes;
    private final List<byte[]> records;
    private final long recordBytes;
    private final Map<Stage, List<Double>> seconds = new EnumMap<>(Stage.class);
    private final int rangesAtStart;
    private Points last;

    PathCourse(Pipeline pipeline, DataSet data) {
        this.pipeline = pipeline;
        this.data = data;
        this.reads = data.reads();
        this.readReplyBytes = data.readReplyBytes();
        this.records = data.records();
        this.recordBytes = totalBytes(records, data.keys());
        this.last = pipeline.points();
        this.rangesAtStart = last.ranges().size();
        try {
            this.log = opened.add(new RawLog(pipeline.settings()));
            this.bucket = opened.add(new RawBucket(pipeline.settings().s3(), (int)
                    Math.min(recordBytes, pipeline.settings().compactor().segmentBytesMax())));
            Archive archive = opened.add(Archive.open(
                    pipeline.settings().s3(), pipeline.settings().source().name()));
            this.claims = new ArchivedClaims(archive, Pipeline.SHARDS);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /** Touches every key and waits until S3 claims them all; changes a second. */
    double ours() {
        byte[] touches = data.touches();
        long before = log.changes();

        long began = System.nanoTime();
        pipeline.client().exchange(touches, data.touchReplyBytes());
        long touched = pipeline.client().timeMicros();
        long allTouched = System.nanoTime();
        // A key may be read twice, so this is a lower bound of the way to the log; the end of the round is exact.
        Await.until(ROUND_MAX, () -> log.changes() >= before + data.keys(), "every change is in Kafka");
        long allLogged = System.nanoTime();
        Await.until(ROUND_MAX, () -> claims.reach(touched), "S3 claims every change");
        long ended = System.nanoTime();

        requireRestorable(RedisTime.instant(touched));
        note(Stage.TOUCH, began, allTouched);
        note(Stage.LOG, allTouched, allLogged);
        note(Stage.ARCHIVE, allLogged, ended);
        return data.keys() * NANOS_A_SECOND / (ended - began);
    }

    /** The same bytes over the same connections with nothing else to do; changes a second, all three times added. */
    double limit() {
        long began = System.nanoTime();
        pipeline.client().exchange(reads, readReplyBytes);
        long read = System.nanoTime();
        log.produce(records, data.keys());
        long produced = System.nanoTime();
        bucket.put(recordBytes);
        long ended = System.nanoTime();

        bucket.clear();
        note(Stage.RAW_READ, began, read);
        note(Stage.RAW_PRODUCE, read, produced);
        note(Stage.RAW_PUT, produced, ended);
        return data.keys() * NANOS_A_SECOND / (ended - began);
    }

    /** Where the time went, in the rounds that count. */
    String account() {
        int gaps = last.ranges().size() - rangesAtStart;
        return String.format(
                Locale.ROOT,
                "%,d keys, %.1f MB of records. Ours: touches sent %.2f s, then all in Kafka %.2f s, then claimed on S3 %.2f s."
                        + " Raw: read %.2f s, produced %.2f s, PUT %.2f s. Exact within %.2f s, %s",
                data.keys(),
                recordBytes / 1e6,
                median(Stage.TOUCH),
                median(Stage.LOG),
                median(Stage.ARCHIVE),
                median(Stage.RAW_READ),
                median(Stage.RAW_PRODUCE),
                median(Stage.RAW_PUT),
                last.exactness().toNanos() / NANOS_A_SECOND,
                gaps == 0 ? "no gap" : gaps + " gaps: some rounds include a resync");
    }

    private double median(Stage stage) {
        List<Double> all = seconds.get(stage);
        return new Samples(all.subList(Math.min(1, all.size() - 1), all.size())).median();
    }

    private void note(Stage stage, long fromNanos, long toNanos) {
        seconds.computeIfAbsent(stage, none -> new ArrayList<>()).add((toNanos - fromNanos) / NANOS_A_SECOND);
    }

    /** What stopped the clock is a short cut; the restorer looks at the whole archive. */
    private void requireRestorable(Instant time) {
        last = pipeline.points();
        if (last.latest().filter(latest -> !latest.isBefore(time)).isEmpty()) {
            throw new IllegalStateException(
                    "the newest claims on S3 reach %s, but only %s can be restored: this round measured nothing"
                            .formatted(time, last.ranges()));
        }
    }

    private static long totalBytes(List<byte[]> records, int count) {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += records.get(i % records.size()).length;
        }
        return bytes;
    }

    @Override
    public void close() {
        opened.close();
    }
}
