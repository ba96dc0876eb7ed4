package dev.tidemark.bench;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** A topic set like a source's {@code changes}, and one producer that fills it with nothing else to do. */
final class RawLog implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long BUFFER_BYTES = 64L << 20;

    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<TopicPartition, OffsetSpec> changes = new HashMap<>();
    private final int partitions;
    private final String topic;

    /** The source's topics must be there: their settings are copied as they are. */
    RawLog(Settings settings) {
        KafkaSettings kafka = settings.kafka();
        String model = LogTopics.first(settings.source().name()).changes();
        topic = "raw." + model;
        partitions = settings.source().shards();
        for (int partition = 0; partition < partitions; partition++) {
            changes.put(new TopicPartition(model, partition), OffsetSpec.latest());
        }
        admin = Admin.create(KafkaClients.connection(kafka));
        try {
            Map<String, String> config = createLike(model);
            producer = new KafkaProducer<>(KafkaClients.orderedProducer(
                    kafka, Long.parseLong(config.get("max.message.bytes")), BUFFER_BYTES, PATIENCE));
        } catch (RuntimeException | Error e) {
            admin.close();
            throw e;
        }
    }

    private Map<String, String> createLike(String model) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, model);
        Map<String, String> config = new HashMap<>();
        for (ConfigEntry entry : await(admin.describeConfigs(List.of(resource)).all())
                .get(resource)
                .entries()) {
            if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
                config.put(entry.name(), entry.value());
            }
        }
        await(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config)))
                .all());
        return config;
    }

    /** Sends the records in turn until so many are acknowledged, and begins again from the first when they run out. */
    // What becomes of a record is told to its callback.
    @SuppressWarnings("FutureReturnValueIgnored")
    void produce(List<byte[]> records, int count) {
        AtomicReference<Exception> refused = new AtomicReference<>();
        for (int i = 0; i < count; i++) {
            ProducerRecord<byte[], byte[]> next =
                    new ProducerRecord<>(topic, i % partitions, null, records.get(i % records.size()));
            producer.send(next, (metadata, failure) -> {
                if (failure != null) {
                    refused.compareAndSet(null, failure);
                }
            });
        }
        producer.flush();
        if (refused.get() != null) {
            throw new IllegalStateException("the raw producer was refused", refused.get());
        }
    }

    /** How many records the source's {@code changes} has ever held, in all shards. */
    long changes() {
        return await(admin.listOffsets(changes).all()).values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }

    private static <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Kafka does not do what the benchmark needs", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Kafka was asked", e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        admin.close(Duration.ofSeconds(5));
    }
}
