package dev.tidemark.compactor;

import dev.tidemark.compactor.cut.GeneratedLog;
import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** A shard's log in a real Kafka, produced by hand; what it should amount to is known. */
final class LiveShard implements AutoCloseable {
    private static final int STEPS_PER_HOUR_JUMP = 120;

    final int shard;
    final GeneratedLog log;
    private final LogTopics topics;
    private final KafkaSettings kafka;
    private KafkaProducer<byte[], byte[]> producer;
    private final LogRowCodec rows = new LogRowCodec();
    private final ControlRecordCodec controls = new ControlRecordCodec();
    private int changesSent;
    private int tidemarksSent;

    LiveShard(KafkaSettings kafka, LogTopics topics, int shard, long seed) {
        this(kafka, topics, shard, seed, STEPS_PER_HOUR_JUMP);
    }

    /** @param stepsPerHourJump how often, on average, time leaps ahead */
    LiveShard(KafkaSettings kafka, LogTopics topics, int shard, long seed, int stepsPerHourJump) {
        this.shard = shard;
        this.topics = topics;
        this.log = new GeneratedLog(new Random(seed), 0, true, stepsPerHourJump);
        this.kafka = kafka;
        this.producer = newProducer();
        send();
    }

    private KafkaProducer<byte[], byte[]> newProducer() {
        return new KafkaProducer<>(KafkaClients.orderedProducer(kafka, 1 << 20, 8 << 20, Duration.ofSeconds(30)));
    }

    /** All rows from the first on, as into a topic that was created again, and then so many steps more. */
    void sendAgainAnd(int count) {
        producer.close(Duration.ofSeconds(5));
        producer = newProducer();
        changesSent = 0;
        steps(count);
    }

    /** The broker lost the rows from there on, and others stand at their offsets now; what comes next follows those. */
    void othersWrittenFrom(long offset) {
        producer.close(Duration.ofSeconds(5));
        producer = newProducer();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (long at = offset; at < changesSent; at++) {
            sent.add(producer.send(new ProducerRecord<>(
                    topics.changes(), shard, null, rows.encode(new LogRow.ResyncBegun(at, at, "written anew")))));
        }
        awaitOffset(sent, changesSent);
    }

    void steps(int count) {
        synchronized (log) {
            for (int i = 0; i < count; i++) {
                log.step();
            }
        }
        send();
    }

    void idle() {
        synchronized (log) {
            log.idle();
        }
        send();
    }

    /** How many rows of these offsets count; for any thread. */
    long countedRows(long from, long to) {
        synchronized (log) {
            return LongStream.range(from, to).filter(log::rowCounts).count();
        }
    }

    /** Rows are acknowledged before a claim about them is sent, as capture does it. */
    void send() {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (; changesSent < log.changes.size(); changesSent++) {
            sent.add(producer.send(
                    new ProducerRecord<>(topics.changes(), shard, null, rows.encode(log.changes.get(changesSent)))));
        }
        awaitOffset(sent, changesSent);
        sent.clear();
        for (; tidemarksSent < log.tidemarks.size(); tidemarksSent++) {
            sent.add(producer.send(new ProducerRecord<>(
                    topics.tidemarks(), shard, null, controls.encode(log.tidemarks.get(tidemarksSent)))));
        }
        awaitOffset(sent, tidemarksSent);
    }

    private static void awaitOffset(List<Future<RecordMetadata>> sent, int end) {
        for (int i = 0; i < sent.size(); i++) {
            long offset;
            try {
                offset = sent.get(i).get(30, TimeUnit.SECONDS).offset();
            } catch (Exception e) {
                throw new IllegalStateException("Kafka takes no records", e);
            }
            if (offset != end - sent.size() + i) {
                throw new IllegalStateException("a record landed at offset " + offset);
            }
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
