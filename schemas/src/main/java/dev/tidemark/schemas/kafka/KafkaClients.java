package dev.tidemark.schemas.kafka;

import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Properties of our Kafka clients: the user's, then those that the proof rests on, which nobody can override. */
public final class KafkaClients {
    /**
     * What one fetch brings at most, unless a single record is larger. The next is under way while this one is worked on, and
     * arrays larger than half a region of a small heap cost its collector dearly.
     */
    private static final int FETCH_BYTES_MAX = 384 << 10;

    private static final long REQUEST_MILLIS_MAX = 30_000;

    private KafkaClients() {}

    /** Where the brokers are and how to be let in. */
    public static Map<String, Object> connection(KafkaSettings settings) {
        Map<String, Object> properties = new HashMap<>(settings.properties().reveal());
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrap());
        // Nobody asked for usage reports to be sent through the user's brokers.
        properties.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        return properties;
    }

    /** A consumer that stands where it is told to and never anywhere else. */
    public static Map<String, Object> exactConsumer(KafkaSettings settings) {
        Map<String, Object> properties = connection(settings);
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_MAX);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES_MAX);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        // As the system sees fit: the next fetch comes in while this one is worked on.
        properties.putIfAbsent(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        return properties;
    }

    /**
     * A producer whose acknowledgement means that a record is in the log, once, after all that were sent before it.
     *
     * @param patience how long a record is tried before its outcome is called unknown
     */
    public static Map<String, Object> orderedProducer(
            KafkaSettings settings, long recordBytesMax, long bufferBytes, Duration patience) {
        Map<String, Object> properties = connection(settings);
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        // A shard may be idle for days; its first change must not wait for a broker that is away just then.
        properties.put(
                ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(20).toMillis());
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Math.toIntExact(recordBytesMax));
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, bufferBytes);
        properties.put(
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(Math.min(patience.toMillis() / 2, REQUEST_MILLIS_MAX)));
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(patience.toMillis()));
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, patience.toMillis());
        properties.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        properties.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 5);
        return properties;
    }
}
