package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real broker that takes the rights to write away, and gives them back: claims go on by themselves. */
class LostRightsTest {
    private KafkaBroker kafka;
    private Admin admin;
    private CaptureFixture fixture;

    @BeforeEach
    void start() {
        kafka = KafkaBroker.start(KafkaBroker.Options.defaults()
                .withSetting("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .withSetting("allow.everyone.if.no.acl.found", "true"));
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()));
        fixture = new CaptureFixture(kafka);
    }

    @AfterEach
    void end() {
        fixture.close();
        admin.close();
        kafka.close();
    }

    @Test
    void aShardThatMayNotBeWrittenIsNoReadinessAndGoesOnWhenItMay() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Capture capture = fixture.startCapture(meters);
        fixture.awaitTidemarksPast(fixture.redisMicros());
        Await.until(CaptureFixture.SOON, () -> capture.health().isReady(), "a capture that is ready");

        deny(ResourceType.TOPIC, fixture.topics.changes(), AclOperation.WRITE);
        try (SaidByCapture said = new SaidByCapture()) {
            Await.until(
                    CaptureFixture.SOON,
                    () -> {
                        fixture.commands.incr("meanwhile");
                        return said.has("event=claim-failed", "authorized");
                    },
                    "the broker refuses");
            Await.until(
                    CaptureFixture.SOON,
                    () -> capture.health().unready().stream().anyMatch(why -> why.contains("claimed")),
                    "a capture that says so");
            Counter refused = meters.get("tidemark.capture.late")
                    .tag("cause", "log_refused")
                    .counter();
            double before = refused.count();
            Await.until(CaptureFixture.SOON, () -> refused.count() > before + 4, "more claims that are refused");

            assertThat(said.count("event=claim-failed")).isLessThan(2L * CaptureFixture.SHARDS + 1);
        }
        allowAll();
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(capture.health().unready()).isEmpty();
        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .containsExactly("meanwhile");
    }

    @Test
    void aProducerThatWasRefusedAtItsStartIsLetInWhenItMay() throws Exception {
        deny(ResourceType.CLUSTER, "kafka-cluster", AclOperation.IDEMPOTENT_WRITE);
        deny(ResourceType.TOPIC, "*", AclOperation.WRITE);
        fixture.commands.set("key", "1");
        try (SaidByCapture said = new SaidByCapture()) {
            fixture.startCapture();
            Await.until(CaptureFixture.SOON, () -> said.has("event=claim-failed"), "the broker refuses");
        }

        allowAll();
        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .containsExactly("key");
    }

    private void deny(ResourceType type, String name, AclOperation operation)
            throws ExecutionException, InterruptedException {
        ResourcePattern what = new ResourcePattern(type, name, PatternType.LITERAL);
        // An ACL of one principal takes the rest from what everybody may.
        List<AclBinding> rules = List.of(
                new AclBinding(what, new AccessControlEntry("User:*", "*", operation, AclPermissionType.DENY)),
                new AclBinding(what, new AccessControlEntry("User:*", "*", AclOperation.ALL, AclPermissionType.ALLOW)));
        admin.createAcls(rules).all().get();
    }

    private void allowAll() throws ExecutionException, InterruptedException {
        admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
    }
}
