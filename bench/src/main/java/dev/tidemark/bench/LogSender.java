package dev.tidemark.bench;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes into the log of a source that no capture has, whose topics it makes. */
final class LogSender implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int RECORD_BYTES_MAX = 1 << 20;
    private static final long BUFFER_BYTES = 64L << 20;

    private final LogTopics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final LogRowCodec rows = new LogRowCodec();
    private final ControlRecordCodec controls = new ControlRecordCodec();
    private final AtomicReference<Exception> refused = new AtomicReference<>();

    LogSender(Settings settings) {
        topics = LogTopics.first(settings.source().name());
        new TopicSetup(settings.kafka(), topics, settings.source().shards(), RECORD_BYTES_MAX, PATIENCE).ensure();
        producer = new KafkaProducer<>(
                KafkaClients.orderedProducer(settings.kafka(), RECORD_BYTES_MAX, BUFFER_BYTES, PATIENCE));
    }

    void row(int shard, LogRow row) {
        record(shard, rows.encode(row));
    }

    /** A row that is encoded already. */
    void record(int shard, byte[] row) {
        send(topics.changes(), shard, row);
    }

    void control(int shard, ControlRecord record) {
        send(topics.tidemarks(), shard, controls.encode(record));
    }

    // What becomes of a record is told to its callback.
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(String topic, int shard, byte[] record) {
        producer.send(new ProducerRecord<>(topic, shard, null, record), (metadata, failure) -> {
            if (failure != null) {
                refused.compareAndSet(null, failure);
            }
        });
    }

    /** Returns when Kafka has all of it: a claim may only be sent after what it speaks of. */
    void flush() {
        producer.flush();
        if (refused.get() != null) {
            throw new IllegalStateException("the log could not be filled", refused.get());
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
