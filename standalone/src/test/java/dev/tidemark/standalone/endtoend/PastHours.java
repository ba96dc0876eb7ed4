package dev.tidemark.standalone.endtoend;

import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A log whose hours are over when it is written, as nobody wants to wait for one. */
final class PastHours {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int RECORD_BYTES_MAX = 1 << 20;
    private static final long BUFFER_BYTES = 4L << 20;
    private static final long EXACTNESS_MICROS = 1_000;

    private PastHours() {}

    /** Three hours ago each shard was resynced, and an hour later it claimed that nothing had changed. */
    static void write(KafkaSettings kafka, String source, int shards) {
        LogTopics topics = LogTopics.first(source);
        new TopicSetup(kafka, topics, shards, RECORD_BYTES_MAX, PATIENCE).ensure();
        long begun = RedisTime.micros(Instant.now().minus(Duration.ofHours(3)));
        long later = RedisTime.micros(Instant.now().minus(Duration.ofHours(2)));
        LogRowCodec rows = new LogRowCodec();
        ControlRecordCodec controls = new ControlRecordCodec();
        List<LogRow> resync = List.of(
                new LogRow.EpochClaimed(0, begun),
                new LogRow.ResyncBegun(0, begun + 1, "past"),
                new LogRow.ResyncEnded(0, begun + 2, 1));
        Tidemark.Base base = new Tidemark.Base(1, 2, begun + 2);
        Tidemark claim = new Tidemark(1, 0, base, later, resync.size(), EXACTNESS_MICROS, List.of());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(KafkaClients.orderedProducer(kafka, RECORD_BYTES_MAX, BUFFER_BYTES, PATIENCE))) {
            for (int shard = 0; shard < shards; shard++) {
                for (LogRow row : resync) {
                    send(producer, topics.changes(), shard, rows.encode(row));
                }
                send(producer, topics.tidemarks(), shard, controls.encode(new ControlRecord.Claim("past")));
                send(producer, topics.tidemarks(), shard, controls.encode(claim));
            }
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String topic, int shard, byte[] record) {
        try {
            producer.send(new ProducerRecord<>(topic, shard, null, record)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the log could not be written", e);
        }
    }
}
