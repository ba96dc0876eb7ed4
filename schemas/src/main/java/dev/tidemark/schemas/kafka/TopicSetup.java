package dev.tidemark.schemas.kafka;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes sure that both topics are there and set as the proof needs them; a wrong one is an error that says the mend. */
public final class TopicSetup {
    private static final Duration ASK_AGAIN = Duration.ofMillis(100);

    /** The ids that Kafka gave to the two topics; a recreated topic has another. */
    public record TopicIds(String changes, String tidemarks) {}

    private final KafkaSettings settings;
    private final LogTopics topics;
    private final int shards;
    private final long recordBytesMax;
    private final Duration patience;

    public TopicSetup(KafkaSettings settings, LogTopics topics, int shards, long recordBytesMax, Duration patience) {
        this.settings = settings;
        this.topics = topics;
        this.shards = shards;
        this.recordBytesMax = recordBytesMax;
        this.patience = patience;
    }

    /** Creates what is missing, if that is allowed, and checks what is there. */
    public TopicIds ensure() {
        try (Admin admin = admin(settings, patience)) {
            for (String topic : List.of(topics.changes(), topics.tidemarks())) {
                if (describe(admin, topic).isEmpty()) {
                    create(admin, topic);
                }
            }
            List<String> problems = new ArrayList<>();
            TopicIds ids =
                    new TopicIds(check(admin, topics.changes(), problems), check(admin, topics.tidemarks(), problems));
            if (!problems.isEmpty()) {
                throw new TidemarkError(
                        ExitCode.USAGE,
                        "the log's topics are not set as they must be:\n  " + String.join("\n  ", problems));
            }
            return ids;
        }
    }

    /** What the topics are created with. */
    public static Map<String, String> topicSettings(KafkaSettings settings, long recordBytesMax) {
        return TopicRule.of(settings, recordBytesMax).stream()
                .collect(Collectors.toMap(TopicRule::setting, TopicRule::wanted));
    }

    /** How many brokers hold each of the topics' partitions. */
    public static int copies(KafkaSettings settings) {
        return settings.singleCopy() ? 1 : TopicRule.COPIES;
    }

    /** The ids of the topics as they are now, or empty if one is missing. */
    public static Optional<TopicIds> ids(KafkaSettings settings, LogTopics topics, Duration patience) {
        try (Admin admin = admin(settings, patience)) {
            TopicSetup setup = new TopicSetup(settings, topics, 1, 0, patience);
            Optional<TopicDescription> changes = setup.describe(admin, topics.changes());
            Optional<TopicDescription> tidemarks = setup.describe(admin, topics.tidemarks());
            return changes.isEmpty() || tidemarks.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new TopicIds(
                            changes.get().topicId().toString(),
                            tidemarks.get().topicId().toString()));
        }
    }

    private static Admin admin(KafkaSettings settings, Duration patience) {
        Map<String, Object> properties = KafkaClients.connection(settings);
        int millis = Math.toIntExact(patience.toMillis());
        properties.put("default.api.timeout.ms", millis);
        properties.put("request.timeout.ms", Math.min(millis, 30_000));
        return Admin.create(properties);
    }

    private void create(Admin admin, String topic) {
        if (!settings.topicsCreate()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "topic %s does not exist and kafka.topics-create is false. Create it with %d partitions and %s"
                            .formatted(topic, shards, required()));
        }
        NewTopic wanted = new NewTopic(topic, shards, (short) copies(settings)).configs(required());
        try {
            await(admin.createTopics(List.of(wanted)).all(), "create topic " + topic);
        } catch (TidemarkError e) {
            // Another process of ours was faster; what it made is checked like any other.
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private Map<String, String> required() {
        return topicSettings(settings, recordBytesMax);
    }

    private String check(Admin admin, String topic, List<String> problems) {
        TopicDescription found = awaitThere(admin, topic);
        if (found.partitions().size() != shards) {
            problems.add(
                    "%s has %d partitions where source.shards is %d; the number is fixed for the life of a source's name"
                            .formatted(topic, found.partitions().size(), shards));
        }
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = await(admin.describeConfigs(List.of(resource)).all(), "read the settings of " + topic)
                .get(resource);
        for (TopicRule rule : TopicRule.of(settings, recordBytesMax)) {
            String value = config.get(rule.setting()) == null
                    ? ""
                    : config.get(rule.setting()).value();
            if (!value.isEmpty() && !rule.right().test(value)) {
                problems.add("%s has %s=%s (%s). Mend it: %s"
                        .formatted(topic, rule.setting(), value, rule.why(), rule.mend(settings.bootstrap(), topic)));
            }
        }
        return found.topicId().toString();
    }

    /** A topic that was just created takes a moment to be known to every broker. */
    private TopicDescription awaitThere(Admin admin, String topic) {
        long giveUpNanos = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<TopicDescription> found = describe(admin, topic);
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > giveUpNanos) {
                throw new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "topic %s was created and is still not there after %d s; nothing is lost, try again"
                                .formatted(topic, patience.toSeconds()));
            }
            LockSupport.parkNanos(ASK_AGAIN.toNanos());
        }
    }

    private Optional<TopicDescription> describe(Admin admin, String topic) {
        try {
            TopicDescription found = await(
                            admin.describeTopics(List.of(topic)).allTopicNames(), "describe topic " + topic)
                    .get(topic);
            return found.topicId().equals(Uuid.ZERO_UUID) ? Optional.empty() : Optional.of(found);
        } catch (TidemarkError e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T await(KafkaFuture<T> answer, String what) {
        try {
            return answer.get(patience.toMillis() + 1_000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "Kafka at %s refused to %s: %s. Nothing was changed; check kafka.bootstrap, and the user in kafka.properties and its rights"
                            .formatted(settings.bootstrap(), what, e.getCause().getMessage()),
                    e.getCause());
        } catch (TimeoutException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "Kafka at %s did not answer within %d s, asked to %s. Check kafka.bootstrap and that the broker runs"
                            .formatted(settings.bootstrap(), patience.toSeconds(), what),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkError(ExitCode.UNREACHABLE, "interrupted while asking Kafka to " + what, e);
        }
    }
}
