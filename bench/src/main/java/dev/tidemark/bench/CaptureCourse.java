package dev.tidemark.bench;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.servers.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One data set's way into Kafka, to be gone again and again: by capture, and raw. */
final class CaptureCourse implements AutoCloseable {
    private static final Duration TOPICS_PATIENCE = Duration.ofSeconds(5);
    private static final Duration ROUND_MAX = Duration.ofMinutes(10);
    private static final double NANOS_A_SECOND = 1e9;
    private static final byte[] FLUSHALL = "FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Opened opened = new Opened();
    private final DataSet data;
    private final CaptureProcess capture;
    private final PlainRedis client;
    private final LoggedClaims claims;
    private final RawLog log;
    private final byte[] reads;
    private final long readReplyBytes;
    private final List<byte[]> records;
    private final List<Double> readSeconds = new ArrayList<>();
    private final List<Double> rowsAChange = new ArrayList<>();

    CaptureCourse(Ground ground, String source, DataSet data) {
        this.data = data;
        this.reads = data.reads();
        this.readReplyBytes = data.readReplyBytes();
        this.records = data.records();
        try {
            client = opened.add(new PlainRedis(ground.redis()));
            client.exchange(FLUSHALL, "+OK\r\n".length());
            data.load(client);
            capture = opened.add(new CaptureProcess(ground, source));
            Await.until(ROUND_MAX, () -> topicsAreThere(), "capture has made its topics");
            claims = opened.add(new LoggedClaims(capture.settings()));
            log = opened.add(new RawLog(capture.settings()));
            awaitClaimed();
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private boolean topicsAreThere() {
        capture.requireAlive();
        LogTopics topics = LogTopics.first(capture.settings().source().name());
        try (ShardLog log = new ShardLog(capture.settings().kafka(), topics, TOPICS_PATIENCE)) {
            log.changesEnd(0);
            return log.shards() > 0;
        } catch (RuntimeException notYet) {
            return false;
        }
    }

    PlainRedis client() {
        return client;
    }

    LoggedClaims claims() {
        return claims;
    }

    CaptureProcess capture() {
        return capture;
    }

    /** Everything that changed until now is claimed, and capture has nothing to do. */
    void awaitClaimed() {
        long now = client.timeMicros();
        Await.until(
                ROUND_MAX,
                () -> {
                    capture.requireAlive();
                    return claims.throughMicros() > now;
                },
                "capture claims every change");
    }

    /** Touches every key and waits until each is in Kafka; changes a second. */
    double ours() {
        byte[] touches = data.touches();
        long before = log.changes();

        long began = System.nanoTime();
        client.exchange(touches, data.touchReplyBytes());
        // A key may be read twice, so this may be a little early; how often is told.
        Await.closely(ROUND_MAX, () -> log.changes() >= before + data.keys(), "every change is in Kafka");
        long ended = System.nanoTime();

        awaitClaimed();
        rowsAChange.add((log.changes() - before) / (double) data.keys());
        return data.keys() * NANOS_A_SECOND / (ended - began);
    }

    /** The same keys read raw by one pipelined connection, then the same bytes produced raw; both times added. */
    double limit() {
        long began = System.nanoTime();
        client.exchange(reads, readReplyBytes);
        long read = System.nanoTime();
        log.produce(records, data.keys());
        long ended = System.nanoTime();

        readSeconds.add((read - began) / NANOS_A_SECOND);
        return data.keys() * NANOS_A_SECOND / (ended - began);
    }

    double megabytesAChange() {
        return records.stream().mapToLong(record -> record.length).sum() / 1e6 / records.size();
    }

    String account(double changesPerSecond) {
        return String.format(
                Locale.ROOT,
                "%,d keys, ours %.1f MB/s of records, %.2f rows a change, %d doubts after the first; raw reads alone %,.0f keys/s",
                data.keys(),
                changesPerSecond * megabytesAChange(),
                new Samples(rowsAChange).median(),
                claims.doubts() - capture.settings().source().shards(),
                data.keys() / new Samples(readSeconds).median());
    }

    @Override
    public void close() {
        opened.close();
    }
}
