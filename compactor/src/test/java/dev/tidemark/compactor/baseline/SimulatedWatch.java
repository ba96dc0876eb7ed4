package dev.tidemark.compactor.baseline;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.log.Tidemark.Beat;
import dev.tidemark.schemas.redis.HostPort;
import dev.tidemark.schemas.redis.RedisSocket;
import dev.tidemark.schemas.redis.SourceDoor;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.SourceKeys;
import dev.tidemark.schemas.settings.SourceSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** What capture leaves behind for whoever dates a snapshot: a canary in Redis, and barriers in {@code tidemarks}. */
final class SimulatedWatch implements AutoCloseable {
    private static final Duration BETWEEN_BEATS = Duration.ofMillis(100);

    private final String watch;
    private final String key;
    private final LogTopics topics;
    private final SourceDoor door;
    private final HostPort node;
    private final KafkaProducer<byte[], byte[]> producer;
    private final ControlRecordCodec codec = new ControlRecordCodec();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "simulated-watch");
    private volatile boolean stopping;
    private volatile long n;

    SimulatedWatch(KafkaSettings kafka, LogTopics topics, SourceDoor door, SourceSettings source) {
        this.watch = new SourceKeys(source).newWatch();
        this.key = "tidemark:canary:" + source.name() + ":3";
        this.topics = topics;
        this.door = door;
        this.node = door.configured().get(0);
        this.producer =
                new KafkaProducer<>(KafkaClients.orderedProducer(kafka, 1 << 20, 8 << 20, Duration.ofSeconds(30)));
        send(new Claim("a test"));
        thread.start();
    }

    long n() {
        if (failure.get() != null) {
            throw new IllegalStateException("the watch failed", failure.get());
        }
        return n;
    }

    private void run() {
        try (RedisSocket redis = door.node(node)) {
            while (!stopping) {
                beat(redis);
                Thread.sleep(BETWEEN_BEATS.toMillis());
            }
        } catch (IOException | InterruptedException | IllegalStateException e) {
            failure.set(e);
        }
    }

    private void beat(RedisSocket redis) throws IOException {
        NodeInfo info = NodeInfo.of(redis, "server", "replication");
        long next = n + 1;
        redis.raw(RedisSocket.encoded(0, "MULTI"));
        redis.raw(RedisSocket.encoded(0, "TIME"));
        redis.raw(RedisSocket.encoded(
                0,
                "HSET",
                key,
                "watch",
                watch,
                "node",
                node.toString(),
                "run_id",
                info.text("run_id"),
                "n",
                Long.toString(next),
                "at",
                Long.toString(System.currentTimeMillis() * 1_000)));
        redis.send("EXEC".getBytes(StandardCharsets.US_ASCII));
        redis.skip();
        redis.skip();
        redis.skip();
        redis.array();
        redis.array();
        long micros = Long.parseLong(redis.text()) * 1_000_000 + Long.parseLong(redis.text());
        redis.skip();
        send(new Tidemark(
                1,
                0,
                new Base(0, 1, 1),
                micros,
                next + 1,
                1,
                List.of(new Beat(
                        node.toString(), info.text("run_id"), info.text("master_replid"), watch, next, next, micros))));
        n = next;
    }

    private void send(ControlRecord record) {
        Future<RecordMetadata> sent =
                producer.send(new ProducerRecord<>(topics.tidemarks(), 0, null, codec.encode(record)));
        try {
            sent.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the control record was not acknowledged", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a control record was sent", e);
        }
    }

    /** The thread may be in the middle of a beat; it ends when it finds that it cannot finish it. */
    @Override
    public void close() {
        stopping = true;
        producer.close(Duration.ofSeconds(5));
    }
}
