package dev.tidemark.capture;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Appends to the two topics. Records of one shard land in the order in which they were sent, or fail. */
final class LogWriter implements AutoCloseable {
    /** The envelope around a value: key, names, times. A key can be large too, so this is generous. */
    static final long ENVELOPE_BYTES_MAX = 1 << 20;

    /** Kafka may be away this long before an outcome is called unknown. Until then we are late, not in doubt. */
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    private final LogTopics topics;
    private final LogRowCodec rows = new LogRowCodec();
    private final ControlRecordCodec controls = new ControlRecordCodec();
    private final KafkaProducer<byte[], byte[]> producer;

    LogWriter(KafkaSettings kafka, CaptureSettings capture, LogTopics topics) {
        this.topics = topics;
        // Twice what may be in flight: the producer's own batches must never be what blocks the loop.
        this.producer = new KafkaProducer<>(KafkaClients.orderedProducer(
                kafka, recordBytesMax(capture), 2 * capture.bytesInFlightMax() + recordBytesMax(capture), PATIENCE));
    }

    static long recordBytesMax(CaptureSettings capture) {
        return capture.inlineBytesMax() + ENVELOPE_BYTES_MAX;
    }

    /** Sends a row and says how many bytes that took; the callback runs on a thread of the producer. */
    int row(int shard, LogRow row, Callback done) {
        byte[] encoded = rows.encode(row);
        send(topics.changes(), shard, encoded, done);
        return encoded.length;
    }

    void control(int shard, ControlRecord record, Callback done) {
        send(topics.tidemarks(), shard, controls.encode(record), done);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The callback hears all that the future would tell.
    private void send(String topic, int shard, byte[] encoded, Callback done) {
        producer.send(new ProducerRecord<>(topic, shard, null, encoded), done);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
