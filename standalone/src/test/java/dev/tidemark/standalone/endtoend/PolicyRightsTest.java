package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.archive.Archive;
import dev.tidemark.capture.Capture;
import dev.tidemark.capture.CaptureRights;
import dev.tidemark.compactor.Compactor;
import dev.tidemark.compactor.baseline.BaselineTaker;
import dev.tidemark.restorer.DrillOptions;
import dev.tidemark.restorer.Lookout;
import dev.tidemark.restorer.RestoreListener;
import dev.tidemark.restorer.RestoreOptions;
import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.restorer.drill.DrillReport;
import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Requests;
import dev.tidemark.servers.SaslMechanism;
import dev.tidemark.standalone.command.Terminal;
import dev.tidemark.standalone.policy.KafkaPolicy;
import dev.tidemark.standalone.policy.Service;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.SecurityUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every service runs with exactly the rights that {@code tidemark policy} prints, and asks S3 for nothing else. */
class PolicyRightsTest {
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final String PASSWORD = "correct-horse";
    private static final int SHARDS = 2;
    /** Larger than what is written to S3 in one request. */
    private static final int LARGE_BYTES = 9 << 20;

    @TempDir
    private Path directory;

    @Test
    void whatIsPrintedIsEnoughAndNoMoreIsAskedForOfS3() throws Exception {
        KafkaBroker.Options secured = KafkaBroker.Options.defaults().withTls().withSasl(SaslMechanism.SCRAM_SHA_512);
        for (String source : List.of("makes-topics", "finds-topics")) {
            for (Service service : Service.values()) {
                secured = secured.withUser(service.user(source), PASSWORD);
            }
        }
        try (RedisServer redis = RedisServer.start(RedisServer.Options.defaults()
                        .withConfig("notify-keyspace-events KA")
                        .withConfig("repl-backlog-ttl 0"));
                RedisServer scratch = RedisServer.start();
                KafkaBroker kafka = KafkaBroker.start(secured);
                S3Endpoint s3 = S3Endpoint.start()) {
            attachAReplicaOnce(redis);
            s3.faults().failRatio(1, 403, S3Requests.of("DELETE"));
            runs("makes-topics", true, redis, scratch, kafka, s3);
            runs("finds-topics", false, redis, scratch, kafka, s3);
        }
    }

    private void runs(
            String source,
            boolean createsTopics,
            RedisServer redis,
            RedisServer scratch,
            KafkaBroker kafka,
            S3Endpoint s3)
            throws Exception {
        JsonNode policy = printed(source, createsTopics, redis, s3);
        String[] acl = policy.at("/redis/line").asText().split(" ", -1);
        redis.aclUser("tidemark", PASSWORD, List.of(acl).subList(5, acl.length).toArray(String[]::new));
        grant(kafka, policy);
        try (FaultProxy ofCapture = FaultProxy.before("127.0.0.1", s3.port());
                FaultProxy ofCompactor = FaultProxy.before("127.0.0.1", s3.port());
                FaultProxy ofRestorer = FaultProxy.before("127.0.0.1", s3.port())) {
            Settings capturing = settings(source, createsTopics, redis, kafka, s3, Service.CAPTURE, ofCapture);
            Settings compacting = settings(source, createsTopics, redis, kafka, s3, Service.COMPACTOR, ofCompactor);
            Settings restoring = settings(source, createsTopics, redis, kafka, s3, Service.RESTORER, ofRestorer);
            if (!createsTopics) {
                create(kafka, KafkaPolicy.of(capturing, CaptureRights.recordBytesMax(capturing)));
            }
            try (Capture capture = Capture.start(capturing);
                    Compactor compactor = Compactor.start(compacting)) {
                Instant written = write(redis);
                awaitRestorable(restoring, written, false);
                restore(restoring, scratch);
                baseline(compacting);
                drill(restoring);
                assertThat(capture.health().dead()).isEmpty();
                assertThat(compactor.shards()).hasSize(SHARDS);
            }
            PermittedCalls.requireAll(policy, Service.CAPTURE, S3CallLog.to(ofCapture.port()), s3.bucket());
            PermittedCalls.requireAll(policy, Service.COMPACTOR, callsOfCompactor(ofCompactor, source), s3.bucket());
            PermittedCalls.requireAll(policy, Service.RESTORER, S3CallLog.to(ofRestorer.port()), s3.bucket());
        }
    }

    @Test
    void hoursAreRolledUpWithTheRightsOfTheCompactor() throws Exception {
        String source = "rolls";
        KafkaBroker.Options secured = KafkaBroker.Options.defaults()
                .withSasl(SaslMechanism.PLAIN)
                .withUser(Service.COMPACTOR.user(source), PASSWORD);
        try (RedisServer redis = RedisServer.start();
                KafkaBroker kafka = KafkaBroker.start(secured);
                S3Endpoint s3 = S3Endpoint.start();
                FaultProxy way = FaultProxy.before("127.0.0.1", s3.port())) {
            JsonNode policy = printed(source, true, redis, s3);
            grant(kafka, policy);
            Settings compacting = settings(source, true, redis, kafka, s3, Service.COMPACTOR, way);
            PastHours.write(loggedIn(kafka, kafka.clientProperties(), true), source, SHARDS);
            S3Settings looking = S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey()));
            try (Compactor compactor = Compactor.start(compacting);
                    Archive archive = Archive.open(looking, source)) {
                Await.until(
                        SOON, () -> archive.rolled().latest(Optional.empty()).isPresent(), "an hour is rolled up");
                assertThat(compactor.shards()).hasSize(SHARDS);
            }
            List<S3CallLog.Call> calls = callsOfCompactor(way, source);
            assertThat(calls)
                    .anyMatch(call ->
                            call.action().equals("s3:PutObject") && call.key().startsWith(source + "/rolled/"));
            PermittedCalls.requireAll(policy, Service.COMPACTOR, calls, s3.bucket());
        }
    }

    /** Kafka's client takes such a refusal for its end; the service must not. */
    @Test
    void whatIsGrantedLateIsUsedWithoutARestart() throws Exception {
        String source = "granted-late";
        KafkaBroker.Options secured = KafkaBroker.Options.defaults().withSasl(SaslMechanism.PLAIN);
        for (Service service : Service.values()) {
            secured = secured.withUser(service.user(source), PASSWORD);
        }
        try (RedisServer redis =
                        RedisServer.start(RedisServer.Options.defaults().withConfig("notify-keyspace-events KA"));
                KafkaBroker kafka = KafkaBroker.start(secured);
                S3Endpoint s3 = S3Endpoint.start();
                FaultProxy way = FaultProxy.before("127.0.0.1", s3.port())) {
            JsonNode policy = printed(source, true, redis, s3);
            String[] acl = policy.at("/redis/line").asText().split(" ", -1);
            redis.aclUser(
                    "tidemark", PASSWORD, List.of(acl).subList(5, acl.length).toArray(String[]::new));
            grant(kafka, policy, operation -> operation != AclOperation.WRITE);
            Settings capturing = settings(source, true, redis, kafka, s3, Service.CAPTURE, way);
            try (Capture capture = Capture.start(capturing)) {
                Await.until(SOON, () -> !capture.health().unready().isEmpty(), "capture lacks a right");
                Rest.of(Duration.ofSeconds(5));

                grant(kafka, policy, operation -> operation == AclOperation.WRITE);

                awaitRestorable(settings(source, true, redis, kafka, s3, Service.RESTORER, way), write(redis), true);
                assertThat(capture.health().dead()).isEmpty();
            }
        }
    }

    private static List<S3CallLog.Call> callsOfCompactor(FaultProxy way, String source) {
        List<S3CallLog.Call> calls = new ArrayList<>(S3CallLog.to(way.port()));
        // It clears its own probe away where it may, and takes a no for an answer.
        calls.remove(new S3CallLog.Call(way.port(), "s3:DeleteObject", source + "/_probe"));
        return calls;
    }

    private JsonNode printed(String source, boolean createsTopics, RedisServer redis, S3Endpoint s3)
            throws IOException {
        Path config = Files.writeString(
                directory.resolve(source + ".yml"),
                "source: {name: %s, shards: %d}%nkafka: {single-copy: true, topics-create: %s}%ns3: {bucket: %s}%n"
                        .formatted(source, SHARDS, createsTopics, s3.bucket()));
        Terminal terminal = Terminal.in(directory);
        String version = redis.version().replaceFirst("^(\\d+\\.\\d+).*", "$1");
        assertThat(terminal.run("policy", "-c", config.toString(), "-o", "json", "--redis-version", version))
                .as(terminal::err)
                .isZero();
        return new ObjectMapper().readTree(terminal.out());
    }

    private static void grant(KafkaBroker kafka, JsonNode policy) throws Exception {
        grant(kafka, policy, operation -> true);
    }

    private static void grant(KafkaBroker kafka, JsonNode policy, Predicate<AclOperation> granted) throws Exception {
        List<AclBinding> bindings = new ArrayList<>();
        for (JsonNode service : policy.get("kafka")) {
            for (JsonNode acl : service.get("acls")) {
                for (JsonNode operation : acl.get("operations")) {
                    bindings.add(new AclBinding(
                            new ResourcePattern(
                                    ResourceType.fromString(acl.get("resource").asText()),
                                    acl.get("name").asText(),
                                    PatternType.LITERAL),
                            new AccessControlEntry(
                                    "User:" + service.get("user").asText(),
                                    "*",
                                    SecurityUtils.operation(operation.asText()),
                                    AclPermissionType.ALLOW)));
                }
            }
        }
        bindings.removeIf(each -> !granted.test(each.entry().operation()));
        assertThat(bindings)
                .extracting(each -> each.entry().operation())
                .doesNotContain(AclOperation.UNKNOWN, AclOperation.ALL);
        try (Admin admin = Admin.create(kafka.clientProperties())) {
            admin.createAcls(bindings).all().get(SOON.toSeconds(), TimeUnit.SECONDS);
            // Written by the controller, and in force when the broker has read them.
            Await.until(SOON, () -> inForce(admin).containsAll(bindings), "the rights to be in force");
        }
    }

    private static Collection<AclBinding> inForce(Admin admin) {
        try {
            return admin.describeAcls(AclBindingFilter.ANY).values().get(SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the broker does not tell its rights", e);
        }
    }

    private static void create(KafkaBroker kafka, KafkaPolicy policy) throws Exception {
        List<NewTopic> topics = List.of(
                        policy.topics().changes(), policy.topics().tidemarks())
                .stream()
                .map(name -> new NewTopic(name, policy.partitions(), (short) policy.copies())
                        .configs(policy.topicSettings()))
                .toList();
        try (Admin admin = Admin.create(kafka.clientProperties())) {
            admin.createTopics(topics).all().get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private Settings settings(
            String source,
            boolean createsTopics,
            RedisServer redis,
            KafkaBroker kafka,
            S3Endpoint s3,
            Service service,
            FaultProxy way) {
        return Settings.of(
                        SourceSettings.of(source, SHARDS),
                        RedisSettings.at(redis.uri()).as("tidemark", Secret.of(PASSWORD)),
                        loggedIn(kafka, kafka.clientProperties(service.user(source)), createsTopics),
                        S3Settings.at(way.uri("http"), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())))
                .with(CompactorSettings.defaults().cutting(Duration.ofSeconds(1), directory.resolve("streams")));
    }

    private static KafkaSettings loggedIn(KafkaBroker kafka, Map<String, Object> client, boolean createsTopics) {
        Map<String, String> login = new TreeMap<>();
        client.forEach((key, value) -> login.put(key, value.toString()));
        login.remove("bootstrap.servers");
        KafkaSettings defaults = KafkaSettings.singleBroker(kafka.bootstrap());
        return new KafkaSettings(
                kafka.bootstrap(), true, createsTopics, defaults.retention(), ClientProperties.of(login));
    }

    private static Instant write(RedisServer redis) {
        try (RedisClient client = RedisClient.create(redis.uri().toString())) {
            client.connect().sync().set("small", "1");
            client.connect().sync().set("large", "x".repeat(LARGE_BYTES));
            return Instant.now();
        }
    }

    private static void awaitRestorable(Settings settings, Instant past, boolean withTail) {
        try (Restorer restorer = Restorer.open(settings)) {
            Await.until(
                    SOON,
                    () -> restorer.points(withTail).latest().map(past::isBefore).orElse(false),
                    "restorable past " + past);
        }
    }

    /** As a baseline needs it: the first replica ever would change the primary's history, and a baseline attaches as one. */
    private static void attachAReplicaOnce(RedisServer redis) {
        try (RedisServer replica =
                        RedisServer.start(RedisServer.Options.defaults().withReplicaOf(redis.port()));
                RedisClient client = RedisClient.create(redis.uri().toString())) {
            Await.until(
                    SOON,
                    () -> client.connect().sync().info("replication").contains("state=online"),
                    "a replica of " + redis.port() + " at " + replica.port());
        }
    }

    private static void baseline(Settings settings) {
        try (BaselineTaker taker = BaselineTaker.open(settings, Clock.systemUTC())) {
            assertThat(taker.fromReplication().nodes()).hasSize(1);
        }
    }

    private static void drill(Settings settings) {
        try (RedisServer scratch = RedisServer.start();
                Lookout lookout = Lookout.open(settings, Clock.systemUTC())) {
            DrillReport report = lookout.drill(
                    RestoreTarget.at(scratch.uri()),
                    new DrillOptions(Optional.empty(), "text_embedding", true),
                    new Random(),
                    RestoreListener.silent());
            assertThat(report.passed()).as(report.toString()).isTrue();
            lookout.publish(report, new byte[] {'{', '}'}, new byte[0]);
        }
    }

    private static void restore(Settings settings, RedisServer into) {
        try (Restorer restorer = Restorer.open(settings)) {
            assertThat(restorer.restore(
                                    restorer.plan(Optional.empty(), true),
                                    RestoreTarget.at(into.uri()),
                                    RestoreOptions.careful().replacing(),
                                    RestoreListener.silent())
                            .isProven())
                    .isTrue();
        }
    }
}
