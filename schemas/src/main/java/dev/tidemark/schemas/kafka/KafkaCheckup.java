package dev.tidemark.schemas.kafka;

import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Examines the brokers and the log's topics as a capture and a compactor would need them. Nothing is created or written. */
public final class KafkaCheckup {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Pattern USERNAME = Pattern.compile("username=\"([^\"]+)\"");

    private final KafkaSettings settings;
    private final LogTopics topics;
    private final int shards;
    private final long recordBytesMax;
    private final List<String> groups;
    private final Findings findings;

    /**
     * One examination.
     *
     * @param groups the consumer groups of capture and compactor
     */
    public KafkaCheckup(
            KafkaSettings settings,
            LogTopics topics,
            int shards,
            long recordBytesMax,
            List<String> groups,
            Findings findings) {
        this.settings = settings;
        this.topics = topics;
        this.shards = shards;
        this.recordBytesMax = recordBytesMax;
        this.groups = List.copyOf(groups);
        this.findings = findings;
    }

    /** Adds what it finds. */
    public void run() {
        try (Admin admin = Admin.create(properties())) {
            OptionalInt brokers = reachable(admin);
            if (brokers.isEmpty()) {
                return;
            }
            boolean changesAreThere = topic(admin, topics.changes());
            boolean tidemarksAreThere = topic(admin, topics.tidemarks());
            if (settings.singleCopy()) {
                findings.ok("copies", "kafka.single-copy accepts that one broker's loss loses changes");
            } else if (!changesAreThere || !tidemarksAreThere) {
                // Each topic that is there tells how many copies it has, while a broker is down too.
                room(brokers.getAsInt());
            }
            groups.forEach(group -> group(admin, group));
        } catch (KafkaException wrongProperties) {
            unreachable(wrongProperties);
        } catch (Silent silent) {
            findings.missing("answers", silent.getMessage(), Mend.in(Place.HANDS, "look at the brokers' logs"));
        }
    }

    private Map<String, Object> properties() {
        Map<String, Object> properties = KafkaClients.connection(settings);
        properties.put("default.api.timeout.ms", Math.toIntExact(PATIENCE.toMillis()));
        properties.put("request.timeout.ms", Math.toIntExact(PATIENCE.toMillis()));
        properties.put("socket.connection.setup.timeout.ms", PATIENCE.toMillis() / 2);
        return properties;
    }

    /** How many brokers there are. */
    private OptionalInt reachable(Admin admin) {
        DescribeClusterResult cluster = admin.describeCluster();
        Answer<Integer> brokers = ask(cluster.nodes().thenApply(Collection::size));
        if (brokers.failure().isPresent()) {
            unreachable(brokers.failure().get());
            return OptionalInt.empty();
        }
        int count = brokers.value();
        findings.ok("reachable", "%d broker%s".formatted(count, count == 1 ? "" : "s"));
        return OptionalInt.of(count);
    }

    private void room(int brokers) {
        if (brokers < TopicRule.COPIES) {
            findings.missing(
                    "copies",
                    "%d broker%s where %d are needed: one broker's loss would lose acknowledged changes"
                            .formatted(brokers, brokers == 1 ? "" : "s", TopicRule.COPIES),
                    Mend.in(Place.TIDEMARK_YML, "kafka.single-copy: true"));
        } else {
            findings.ok("copies", brokers + " brokers for " + TopicRule.COPIES + " copies");
        }
    }

    private void unreachable(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof AuthenticationException)) {
            root = root.getCause();
        }
        String said = root instanceof org.apache.kafka.common.errors.TimeoutException
                ? "no broker answers at " + settings.bootstrap()
                : "%s: %s".formatted(settings.bootstrap(), root.getMessage());
        if (root instanceof SslAuthenticationException) {
            findings.missing(
                    "tls",
                    said,
                    Mend.in(Place.TIDEMARK_YML, "kafka.properties.ssl.truststore.location: /path/to/truststore"));
        } else if (root instanceof AuthenticationException) {
            findings.missing(
                    "authentication",
                    said,
                    Mend.in(Place.TIDEMARK_YML, "kafka.properties.sasl.jaas.config-file: /path/to/the/jaas-line"));
        } else {
            findings.missing(
                    "reachable",
                    said,
                    Mend.in(Place.SHELL, "kafka-broker-api-versions.sh --bootstrap-server " + settings.bootstrap()));
        }
    }

    /** Whether it is there. */
    private boolean topic(Admin admin, String topic) {
        DescribeTopicsOptions options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        Answer<TopicDescription> described = ask(
                admin.describeTopics(List.of(topic), options).topicNameValues().get(topic));
        if (described.failure().isEmpty()) {
            findings.ok(topic, "is there");
            rights(topic, described.value().authorizedOperations());
            partitions(topic, described.value());
            settings(admin, topic);
        } else if (described.failed(UnknownTopicOrPartitionException.class)) {
            creatable(admin, topic);
        } else if (described.failed(AuthorizationException.class)) {
            findings.missing(topic, described.why(), grant("--topic " + topic, "Read", "Write", "DescribeConfigs"));
        } else {
            findings.missing(topic, described.why(), Mend.in(Place.HANDS, "look at the brokers' logs"));
        }
        return described.failure().isEmpty();
    }

    /** Asks Kafka whether it would, so rights, copies and settings are all judged by itself. */
    private void creatable(Admin admin, String topic) {
        Mend create = Mend.in(Place.SHELL, create(topic));
        if (!settings.topicsCreate()) {
            findings.missing(topic, "does not exist, and kafka.topics-create is false", create);
            return;
        }
        NewTopic wanted = new NewTopic(topic, shards, (short) copies()).configs(required());
        Answer<Void> outcome = ask(admin.createTopics(List.of(wanted), new CreateTopicsOptions().validateOnly(true))
                .all());
        if (outcome.failure().isEmpty() || outcome.failed(TopicExistsException.class)) {
            findings.ok(topic, "does not exist yet; capture may create it and will");
        } else if (outcome.failed(AuthorizationException.class)) {
            findings.missing(topic, "does not exist, and this user may not create it: " + outcome.why(), create);
        } else {
            findings.missing(topic, "does not exist, and Kafka would not create it: " + outcome.why(), create);
        }
    }

    private String create(String topic) {
        return "kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions %d --replication-factor %d %s"
                .formatted(
                        settings.bootstrap(),
                        topic,
                        shards,
                        copies(),
                        required().entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .map(each -> "--config " + each.getKey() + "=" + each.getValue())
                                .collect(Collectors.joining(" ")));
    }

    private int copies() {
        return settings.singleCopy() ? 1 : TopicRule.COPIES;
    }

    private Map<String, String> required() {
        return TopicRule.of(settings, recordBytesMax).stream()
                .collect(Collectors.toMap(TopicRule::setting, TopicRule::wanted));
    }

    private void rights(String topic, Set<AclOperation> allowed) {
        for (AclOperation needed : List.of(AclOperation.READ, AclOperation.WRITE)) {
            String check = topic + " " + spoken(needed);
            if (allowed == null) {
                findings.skipped(check, "the broker does not tell what is allowed");
            } else if (allowed.contains(needed)) {
                findings.ok(check, "allowed");
            } else {
                findings.missing(check, "not allowed", grant("--topic " + topic, spoken(needed)));
            }
        }
    }

    private void partitions(String topic, TopicDescription found) {
        String check = topic + " partitions";
        int count = found.partitions().size();
        if (count == shards) {
            findings.ok(check, Integer.toString(count));
        } else {
            findings.missing(
                    check,
                    "%d where source.shards is %d; the number is fixed for the life of a source's name"
                            .formatted(count, shards),
                    Mend.in(Place.TIDEMARK_YML, "source.shards: " + count));
        }
        int copies = found.partitions().stream()
                .mapToInt(each -> each.replicas().size())
                .min()
                .orElse(0);
        int inSync = found.partitions().stream()
                .mapToInt(each -> each.isr().size())
                .min()
                .orElse(0);
        String copied = "%d copies, %d of them in sync".formatted(copies, inSync);
        Mend mend = Mend.in(
                Place.SHELL,
                "kafka-topics.sh --bootstrap-server %s --describe --topic %s".formatted(settings.bootstrap(), topic));
        if (inSync < (settings.singleCopy() ? 1 : TopicRule.COPIES_IN_SYNC)) {
            findings.missing(topic + " copies", copied + ", at its worst partition", mend);
        } else if (inSync < copies || copies < copies()) {
            findings.warning(topic + " copies", copied + ", at its worst partition", mend);
        } else {
            findings.ok(topic + " copies", copied);
        }
    }

    private void settings(Admin admin, String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Answer<Config> config =
                ask(admin.describeConfigs(List.of(resource)).values().get(resource));
        if (config.failure().isPresent()) {
            findings.missing(topic + " settings", config.why(), grant("--topic " + topic, "DescribeConfigs"));
            return;
        }
        for (TopicRule rule : TopicRule.of(settings, recordBytesMax)) {
            String check = topic + " " + rule.setting();
            String value = config.value().get(rule.setting()) == null
                    ? ""
                    : config.value().get(rule.setting()).value();
            if (value.isEmpty()) {
                findings.skipped(check, "the broker does not tell it");
            } else if (rule.right().test(value)) {
                findings.ok(check, value);
            } else {
                findings.missing(
                        check,
                        "%s where %s is needed: %s".formatted(value, rule.wanted(), rule.why()),
                        Mend.in(Place.SHELL, rule.mend(settings.bootstrap(), topic)));
            }
        }
    }

    private void group(Admin admin, String group) {
        DescribeConsumerGroupsOptions options = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
        Answer<Set<AclOperation>> allowed = ask(admin.describeConsumerGroups(List.of(group), options)
                .describedGroups()
                .get(group)
                .thenApply(found -> found.authorizedOperations()));
        String check = "group " + group;
        if (allowed.failed(GroupIdNotFoundException.class)) {
            findings.ok(check, "does not exist yet, and may be seen");
        } else if (allowed.failed(AuthorizationException.class)) {
            findings.missing(check, allowed.why(), grant("--group " + group, "Read"));
        } else if (allowed.failure().isPresent()) {
            // A group of another kind is described by another question; Streams' own protocol is one.
            findings.skipped(check, allowed.why());
        } else if (allowed.value() != null && !allowed.value().contains(AclOperation.READ)) {
            findings.missing(check, "may not be joined", grant("--group " + group, "Read"));
        } else {
            findings.ok(check, "may be joined");
        }
    }

    private Mend grant(String resource, String... operations) {
        return Mend.in(
                Place.SHELL,
                "kafka-acls.sh --bootstrap-server %s --add --allow-principal User:%s --operation %s %s"
                        .formatted(
                                settings.bootstrap(), principal(), String.join(" --operation ", operations), resource));
    }

    /** The user's name, where the login module was told one; a certificate's name is the broker's to say. */
    private String principal() {
        String login = settings.properties().reveal().getOrDefault("sasl.jaas.config", "");
        Matcher name = USERNAME.matcher(login);
        return name.find() ? name.group(1) : "TIDEMARK";
    }

    private static String spoken(AclOperation operation) {
        return operation == AclOperation.READ ? "Read" : "Write";
    }

    private static <T> Answer<T> ask(KafkaFuture<T> asked) {
        try {
            return new Answer<>(asked.get(PATIENCE.toMillis() + 1_000, TimeUnit.MILLISECONDS), Optional.empty());
        } catch (ExecutionException e) {
            return new Answer<>(null, Optional.of(e.getCause()));
        } catch (TimeoutException e) {
            throw new Silent("no answer within %d s".formatted(PATIENCE.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Silent("interrupted", e);
        }
    }

    /** What Kafka answered: a value, which may be null, or why not. */
    private record Answer<T>(T value, Optional<Throwable> failure) {
        boolean failed(Class<? extends Throwable> kind) {
            return failure.filter(kind::isInstance).isPresent();
        }

        String why() {
            return failure.map(Throwable::getMessage).orElse("");
        }
    }

    private static final class Silent extends RuntimeException {
        private static final long serialVersionUID = 1;

        Silent(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
