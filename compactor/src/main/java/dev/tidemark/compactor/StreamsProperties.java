package dev.tidemark.compactor;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** How Streams is set: it hands out shards and wakes them, and no result hangs on it. */
final class StreamsProperties {
    /** A step may wait for S3 and Kafka in turn, each with a deadline of its own. */
    static final Duration POLL_MAX = Duration.ofMinutes(15);

    /** The time until a dead compactor's shards move is part of the RPO. */
    private static final Duration SESSION = Duration.ofSeconds(15);

    private static final Duration HEARTBEAT = Duration.ofSeconds(3);

    private StreamsProperties() {}

    static Properties of(Settings settings, Path stateDir) {
        Properties properties = new Properties();
        properties.putAll(KafkaClients.connection(settings.kafka()));
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.compactor().applicationId(settings.source()));
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        properties.put(
                StreamsConfig.NUM_STREAM_THREADS_CONFIG,
                Math.min(
                        settings.source().shards(),
                        Math.max(2, Runtime.getRuntime().availableProcessors())));
        // Brokers that are away for hours must not kill a thread over an offset commit that decides nothing.
        properties.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, Duration.ofDays(1).toMillis());
        properties.put(consumer(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "latest");
        properties.put(consumer(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG), Math.toIntExact(POLL_MAX.toMillis()));
        // Streams has producers, and we send nothing by them; an idempotent one would ask for a right to write.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG), false);
        // Under the plain name, so that kafka.properties may say otherwise.
        properties.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, Math.toIntExact(SESSION.toMillis()));
        properties.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.toIntExact(HEARTBEAT.toMillis()));
        return properties;
    }

    private static String consumer(String name) {
        return StreamsConfig.consumerPrefix(name);
    }
}
