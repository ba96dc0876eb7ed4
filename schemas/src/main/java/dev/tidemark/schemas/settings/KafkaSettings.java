package dev.tidemark.schemas.settings;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The log.
 *
 * @param bootstrap {@code host:port} of brokers, separated by commas
 * @param singleCopy accepts that a change is acknowledged by one broker alone, and lost with it
 * @param topicsCreate creates topics that are missing, instead of refusing
 * @param retention of the topics
 * @param properties passed to every client, secrets among them
 */
public record KafkaSettings(
        String bootstrap, boolean singleCopy, boolean topicsCreate, Duration retention, ClientProperties properties) {
    public KafkaSettings {
        Objects.requireNonNull(bootstrap, "bootstrap");
        Objects.requireNonNull(retention, "retention");
        Objects.requireNonNull(properties, "properties");
    }

    /** What Tidemark's correctness hangs on: it sets these itself, and an override would undo a proof. */
    private static final List<String> OURS = List.of(
            "bootstrap.servers",
            "acks",
            "enable.idempotence",
            "transactional.id",
            "group.id",
            "application.id",
            "auto.offset.reset",
            "enable.auto.commit",
            "isolation.level",
            "key.serializer",
            "value.serializer",
            "key.deserializer",
            "value.deserializer");

    public static KafkaSettings defaults() {
        return new KafkaSettings("127.0.0.1:9092", false, true, Duration.ofDays(7), ClientProperties.none());
    }

    /** One broker, as in the embedded mode and in tests. */
    public static KafkaSettings singleBroker(String bootstrap) {
        KafkaSettings defaults = defaults();
        return new KafkaSettings(bootstrap, true, true, defaults.retention, defaults.properties);
    }

    /** Brokers that keep three copies. */
    public static KafkaSettings at(String bootstrap) {
        KafkaSettings defaults = defaults();
        return new KafkaSettings(bootstrap, false, true, defaults.retention, defaults.properties);
    }

    void report(Problems problems) {
        problems.unless(!bootstrap.isBlank(), "kafka.bootstrap is empty; for example 127.0.0.1:9092");
        for (String broker : bootstrap.isBlank() ? new String[0] : bootstrap.split(",", -1)) {
            problems.unless(
                    broker.strip().matches("[^\\s:@/]+:\\d{1,5}|\\[[0-9a-fA-F:]+\\]:\\d{1,5}"),
                    "kafka.bootstrap is not host:port, separated by commas; for example 10.0.0.4:9092,10.0.0.5:9092");
        }
        problems.unlessWithin("kafka.retention", retention, Duration.ofHours(1), Duration.ofDays(3650));
        for (String key : properties.keys()) {
            problems.unless(!OURS.contains(key), "kafka.properties." + key + " is set by Tidemark itself; remove it");
        }
    }
}
