package dev.tidemark.bench;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.UnreadableRecord;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** What capture has claimed in Kafka so far, and how often it was in doubt. Cheap to ask: it follows all shards at once. */
final class LoggedClaims implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ControlRecordCodec codec = new ControlRecordCodec();
    private final List<Shard> shards = new ArrayList<>();
    private int doubts;

    private static final class Shard {
        private final ClaimsInForce inForce = new ClaimsInForce();
        private long throughMicros;
    }

    LoggedClaims(Settings settings) {
        consumer = new KafkaConsumer<>(KafkaClients.exactConsumer(settings.kafka()));
        List<TopicPartition> partitions = new ArrayList<>();
        String tidemarks = LogTopics.first(settings.source().name()).tidemarks();
        for (int shard = 0; shard < settings.source().shards(); shard++) {
            shards.add(new Shard());
            partitions.add(new TopicPartition(tidemarks, shard));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** The time up to which every shard is claimed. */
    long throughMicros() {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        while (!records.isEmpty()) {
            records.forEach(this::take);
            records = consumer.poll(Duration.ZERO);
        }
        return shards.stream().mapToLong(shard -> shard.throughMicros).min().orElse(0);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Shard shard = shards.get(record.partition());
        try {
            ControlRecord control = codec.decode(record.value());
            boolean counts = shard.inForce.counts(record.offset(), control);
            if (counts && control instanceof Tidemark tidemark) {
                shard.throughMicros = tidemark.throughMicros();
            } else if (counts && control instanceof ControlRecord.Doubt) {
                doubts++;
            }
        } catch (UnreadableRecord e) {
            throw new IllegalStateException("capture wrote a record that cannot be read", e);
        }
    }

    /** Of all shards, until the last look. */
    int doubts() {
        return doubts;
    }

    @Override
    public void close() {
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
