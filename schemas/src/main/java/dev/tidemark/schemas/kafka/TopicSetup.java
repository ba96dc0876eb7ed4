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
    private static final int COPIES = 3;
    private static final int COPIES_IN_SYNC = 2;

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
        NewTopic wanted = new NewTopic(topic, shards, (short) (settings.singleCopy() ? 1 : COPIES)).configs(required());
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
        return Map.of(
                "cleanup.policy", "delete",
                "retention.ms", Long.toString(settings.retention().toMillis()),
                "max.message.bytes", Long.toString(recordBytesMax),
                "min.insync.replicas", Integer.toString(settings.singleCopy() ? 1 : COPIES_IN_SYNC),
                "unclean.leader.election.enable", "false");
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
        wrong(config, "cleanup.policy", "delete"::equals)
                .ifPresent(value ->
                        problems.add(mend(topic, "cleanup.policy", value, "delete", "a compacted topic loses states")));
        wrong(config, "max.message.bytes", value -> Long.parseLong(value) >= recordBytesMax)
                .ifPresent(value -> problems.add(mend(
                        topic,
                        "max.message.bytes",
                        value,
                        Long.toString(recordBytesMax),
                        "the largest value must fit")));
        long retention = settings.retention().toMillis();
        wrong(config, "retention.ms", value -> value.equals("-1") || Long.parseLong(value) >= retention)
                .ifPresent(value -> problems.add(
                        mend(topic, "retention.ms", value, Long.toString(retention), "kafka.retention says so")));
        if (!settings.singleCopy()) {
            wrong(config, "min.insync.replicas", value -> Integer.parseInt(value) >= COPIES_IN_SYNC)
                    .ifPresent(
                            value -> problems.add(
                                    mend(
                                            topic,
                                            "min.insync.replicas",
                                            value,
                                            Integer.toString(COPIES_IN_SYNC),
                                            "else one broker's loss loses acknowledged changes; kafka.single-copy: true accepts that")));
            wrong(config, "unclean.leader.election.enable", "false"::equals)
                    .ifPresent(value -> problems.add(mend(
                            topic,
                            "unclean.leader.election.enable",
                            value,
                            "false",
                            "an unclean leader lacks acknowledged changes")));
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

    private static Optional<String> wrong(Config config, String name, java.util.function.Predicate<String> right) {
        String value = config.get(name) == null ? "" : config.get(name).value();
        return value.isEmpty() || right.test(value) ? Optional.empty() : Optional.of(value);
    }

    private String mend(String topic, String name, String value, String wanted, String why) {
        return "%s has %s=%s (%s). Mend it: kafka-configs.sh --bootstrap-server %s --alter --topic %s --add-config %s=%s"
                .formatted(topic, name, value, why, settings.bootstrap(), topic, name, wanted);
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
                    "Kafka at %s refused to %s: %s. Nothing was changed"
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
