package dev.tidemark.capture;

import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Appends to the two topics. Records of one shard land in the order in which they were sent, or fail. A row that lands where
 * another one was acknowledged has failed too, and so has each row behind it until an epoch is claimed: the log is not the one
 * that the proof so far speaks of.
 */
final class LogWriter implements AutoCloseable {
    /** The envelope around a value: key, names, times. A key can be large too, so this is generous. */
    static final long ENVELOPE_BYTES_MAX = 1 << 20;

    /** Kafka may be away this long before an outcome is called unknown. Until then we are late, not in doubt. */
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    /** Longer than a broker takes that is merely slow. */
    private static final Duration SILENCE_MAX = Duration.ofSeconds(5);

    private final LogTopics topics;
    private final LogRowCodec rows = new LogRowCodec();
    private final ControlRecordCodec controls = new ControlRecordCodec();
    private final PatientProducer producer;
    private final Outage outage;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long heardNanos;
    /** By shard; belongs to the producer's thread, which hears of a shard's rows in their order. */
    private final long[] acknowledgedBelow;

    LogWriter(KafkaSettings kafka, CaptureSettings capture, LogTopics topics, int shards) {
        this.topics = topics;
        this.acknowledgedBelow = new long[shards];
        this.outage = new Outage("Kafka at " + kafka.bootstrap());
        // Twice what may be in flight: the producer's own batches must never be what blocks the loop.
        this.producer = new PatientProducer(
                KafkaClients.orderedProducer(
                        kafka,
                        recordBytesMax(capture),
                        2 * capture.bytesInFlightMax() + recordBytesMax(capture),
                        PATIENCE),
                PATIENCE);
    }

    static long recordBytesMax(CaptureSettings capture) {
        return capture.inlineBytesMax() + ENVELOPE_BYTES_MAX;
    }

    /** Sends a row and says how many bytes that took; the callback runs on a thread of the producer. */
    int row(int shard, LogRow row, Callback done) {
        byte[] encoded = rows.encode(row);
        boolean claims = row instanceof LogRow.EpochClaimed;
        send(topics.changes(), shard, encoded, (metadata, failure) -> {
            if (failure == null && !claims && metadata.offset() < acknowledgedBelow[shard]) {
                done.onCompletion(metadata, givenAwayTwice(metadata.offset()));
                return;
            }
            if (failure == null) {
                acknowledgedBelow[shard] = metadata.offset() + 1;
            }
            done.onCompletion(metadata, failure);
        });
        return encoded.length;
    }

    private static KafkaException givenAwayTwice(long offset) {
        return new KafkaException("offset " + offset
                + " was given away twice: Kafka lost what it had acknowledged, or the topic was created again");
    }

    void control(int shard, ControlRecord record, Callback done) {
        send(topics.tidemarks(), shard, controls.encode(record), done);
    }

    /** Says it when Kafka takes nothing of what it was sent: the producer waits for a broker in silence. */
    void tellSilence(CaptureStatus status) {
        if (waiting.get() > 0 && System.nanoTime() - heardNanos > SILENCE_MAX.toNanos()) {
            status.unreachable(
                    outage,
                    LateCause.LOG_SILENT,
                    "it acknowledges nothing; what changes is held in memory meanwhile. Do its brokers run, and have their disks room?");
        } else {
            status.reachable(outage);
        }
    }

    private void send(String topic, int shard, byte[] encoded, Callback done) {
        if (waiting.get() == 0) {
            heardNanos = System.nanoTime();
        }
        waiting.incrementAndGet();
        producer.send(new ProducerRecord<>(topic, shard, null, encoded), (metadata, failure) -> {
            heardNanos = System.nanoTime();
            waiting.decrementAndGet();
            done.onCompletion(metadata, failure);
        });
    }

    @Override
    public void close() {
        producer.close();
    }
}
