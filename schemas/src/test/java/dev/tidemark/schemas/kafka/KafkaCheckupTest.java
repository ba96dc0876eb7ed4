package dev.tidemark.schemas.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.checkup.Finding;
import dev.tidemark.schemas.checkup.Finding.State;
import dev.tidemark.schemas.checkup.Findings;
import dev.tidemark.schemas.checkup.Mend;
import dev.tidemark.schemas.checkup.Mend.Place;
import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.KafkaBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KafkaCheckupTest {
    private static final long RECORD_BYTES_MAX = 4 << 20;
    private static final int SHARDS = 3;
    /** What the controller has written is in force when the broker has read it. */
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final String GROUP = "tidemark-capture-test";

    private static KafkaBroker broker;
    private static KafkaSettings settings;
    private static Admin admin;

    @BeforeAll
    static void start() {
        broker = KafkaBroker.start(KafkaBroker.Options.defaults()
                .withSetting("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .withSetting("allow.everyone.if.no.acl.found", "true"));
        settings = KafkaSettings.singleBroker(broker.bootstrap());
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void absentTopicsThatCaptureMayCreateAreInOrderAndStayAbsent() throws Exception {
        LogTopics topics = LogTopics.first("absent");

        List<Finding> found = examine(settings, topics);

        assertThat(wanting(found)).isEmpty();
        assertThat(finding(found, topics.changes()).found()).contains("does not exist yet");
        assertThat(finding(found, "group " + GROUP).state()).isEqualTo(State.OK);
        assertThat(admin.listTopics().names().get()).doesNotContain(topics.changes(), topics.tidemarks());
    }

    @Test
    void absentTopicsThatWeMayNotCreateAreCreatedByTheLinesThatArePrinted() throws Exception {
        KafkaSettings readOnly =
                new KafkaSettings(settings.bootstrap(), true, false, settings.retention(), ClientProperties.none());
        LogTopics topics = LogTopics.first("forbidden");

        List<Finding> found = examine(readOnly, topics);

        assertThat(wanting(found)).extracting(Finding::check).containsExactly(topics.changes(), topics.tidemarks());
        for (Finding each : wanting(found)) {
            create(each.mend().orElseThrow().line());
        }
        Await.until(SOON, () -> wanting(examine(readOnly, topics)).isEmpty(), "nothing to be wanting any more");
    }

    @Test
    void oneBrokerIsTooFewUnlessASingleCopyIsAccepted() {
        KafkaSettings three =
                new KafkaSettings(settings.bootstrap(), false, true, settings.retention(), ClientProperties.none());
        LogTopics topics = LogTopics.first("copies");

        List<Finding> found = examine(three, topics);

        assertThat(finding(found, "copies").mend()).contains(Mend.in(Place.TIDEMARK_YML, "kafka.single-copy: true"));
        assertThat(finding(found, topics.changes()).found()).contains("would not create it");
    }

    @Test
    void eachSettingThatIsWrongIsNamedAndMendedByTheLineThatIsPrinted() throws Exception {
        LogTopics topics = LogTopics.first("wrong");
        admin.createTopics(List.of(
                        new NewTopic(topics.changes(), 2, (short) 1)
                                .configs(Map.of("cleanup.policy", "compact", "max.message.bytes", "1000")),
                        new NewTopic(topics.tidemarks(), SHARDS, (short) 1)
                                .configs(Map.of("retention.ms", "1000", "max.message.bytes", "9000000"))))
                .all()
                .get();

        Await.until(SOON, () -> wanting(examine(settings, topics)).size() == 4, "the topics to be there");
        List<Finding> found = examine(settings, topics);
        assertThat(wanting(found))
                .extracting(Finding::check)
                .containsExactlyInAnyOrder(
                        topics.changes() + " partitions",
                        topics.changes() + " cleanup.policy",
                        topics.changes() + " max.message.bytes",
                        topics.tidemarks() + " retention.ms");
        assertThat(finding(found, topics.changes() + " partitions").mend())
                .contains(Mend.in(Place.TIDEMARK_YML, "source.shards: 2"));
        for (Finding each : wanting(found)) {
            alter(each.mend().orElseThrow());
        }
        Await.until(SOON, () -> wanting(examine(settings, topics)).size() == 1, "the settings to be in force");
        assertThat(wanting(examine(settings, topics)))
                .extracting(Finding::check)
                .containsExactly(topics.changes() + " partitions");
    }

    @Test
    void eachRightThatIsDeniedIsNamedWithTheCommandThatGrantsIt() throws Exception {
        LogTopics topics = LogTopics.first("denied");
        new TopicSetup(settings, topics, SHARDS, RECORD_BYTES_MAX, Duration.ofSeconds(60)).ensure();
        List<AclBinding> rules = List.of(
                rule(ResourceType.TOPIC, topics.changes(), AclOperation.ALL, AclPermissionType.ALLOW),
                rule(ResourceType.TOPIC, topics.changes(), AclOperation.WRITE, AclPermissionType.DENY),
                rule(ResourceType.TOPIC, topics.tidemarks(), AclOperation.ALL, AclPermissionType.ALLOW),
                rule(ResourceType.TOPIC, topics.tidemarks(), AclOperation.READ, AclPermissionType.DENY),
                rule(ResourceType.GROUP, GROUP, AclOperation.DESCRIBE, AclPermissionType.DENY));
        admin.createAcls(rules).all().get();
        awaitRights(rules.size());
        try {
            List<Finding> found = examine(settings, topics);

            assertThat(finding(found, topics.changes() + " Write")
                            .mend()
                            .orElseThrow()
                            .line())
                    .isEqualTo("kafka-acls.sh --bootstrap-server %s --add --allow-principal User:TIDEMARK"
                                    .formatted(broker.bootstrap())
                            + " --operation Write --topic " + topics.changes());
            assertThat(finding(found, topics.tidemarks() + " Read").state()).isEqualTo(State.MISSING);
            assertThat(finding(found, "group " + GROUP).mend().orElseThrow().line())
                    .endsWith("--operation Read --group " + GROUP);
            assertThat(wanting(found)).hasSize(3);
        } finally {
            admin.deleteAcls(rules.stream().map(AclBinding::toFilter).toList())
                    .all()
                    .get();
            awaitRights(0);
        }
        assertThat(wanting(examine(settings, topics))).isEmpty();
    }

    @Test
    void brokersThatAreAwayOrSilentAreAFindingInBoundedTime() {
        KafkaSettings nobody = KafkaSettings.singleBroker("127.0.0.1:" + FreePort.next());
        Instant began = Instant.now();

        assertThat(wanting(examine(nobody, LogTopics.first("x"))))
                .extracting(Finding::check)
                .containsExactly("reachable");

        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(25));
    }

    private static void awaitRights(int count) {
        Await.until(
                SOON,
                () -> {
                    try {
                        return admin.describeAcls(AclBindingFilter.ANY)
                                        .values()
                                        .get()
                                        .size()
                                == count;
                    } catch (InterruptedException | ExecutionException e) {
                        throw new IllegalStateException(e);
                    }
                },
                count + " rights in force");
    }

    private static AclBinding rule(
            ResourceType type, String name, AclOperation operation, AclPermissionType permission) {
        return new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry("User:ANONYMOUS", "*", operation, permission));
    }

    private static List<Finding> examine(KafkaSettings kafka, LogTopics topics) {
        Findings findings = Findings.of("kafka", kafka.bootstrap());
        new KafkaCheckup(kafka, topics, SHARDS, RECORD_BYTES_MAX, List.of(GROUP), findings).run();
        return findings.soFar();
    }

    private static List<Finding> wanting(List<Finding> found) {
        return found.stream().filter(each -> each.mend().isPresent()).toList();
    }

    private static Finding finding(List<Finding> found, String check) {
        return found.stream()
                .filter(each -> each.check().equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding about " + check + " in " + found));
    }

    /** Does what kafka-topics.sh would do with this line. */
    private static void create(String line) throws Exception {
        Map<String, String> configs = new HashMap<>();
        for (String each : options(line, "--config")) {
            configs.put(each.split("=", 2)[0], each.split("=", 2)[1]);
        }
        admin.createTopics(List.of(new NewTopic(
                                options(line, "--topic").get(0),
                                Integer.parseInt(options(line, "--partitions").get(0)),
                                Short.parseShort(
                                        options(line, "--replication-factor").get(0)))
                        .configs(configs)))
                .all()
                .get();
    }

    /** Does what kafka-configs.sh would do with this line. */
    private static void alter(Mend mend) throws Exception {
        if (mend.place() != Place.SHELL) {
            return;
        }
        String[] config = options(mend.line(), "--add-config").get(0).split("=", 2);
        admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(
                                ConfigResource.Type.TOPIC,
                                options(mend.line(), "--topic").get(0)),
                        List.of(new AlterConfigOp(new ConfigEntry(config[0], config[1]), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    private static List<String> options(String line, String name) {
        List<String> words = Arrays.asList(line.split(" ", -1));
        List<String> values = new ArrayList<>();
        for (int i = 0; i < words.size() - 1; i++) {
            if (words.get(i).equals(name)) {
                values.add(words.get(i + 1));
            }
        }
        return values;
    }
}
