package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KafkaSecurityTest {
    private static final String TOPIC = "t";
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int IMPATIENCE_MILLIS = 1_500;

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "SCRAM_SHA_512"})
    void aUserMayDoWhatAnAclAllowsAndNothingElse(SaslMechanism mechanism) throws Exception {
        boolean tls = mechanism != SaslMechanism.PLAIN;
        KafkaBroker.Options plain = KafkaBroker.Options.defaults();
        KafkaBroker.Options options =
                (tls ? plain.withTls() : plain).withSasl(mechanism).withUser("writer", "secret");
        try (KafkaBroker kafka = KafkaBroker.start(options)) {
            createTopic(kafka);
            assertThat(kafka.clientProperties())
                    .containsEntry("security.protocol", tls ? "SASL_SSL" : "SASL_PLAINTEXT");
            assertThatThrownBy(() -> produce(kafka.clientProperties("writer"), PATIENCE_MILLIS))
                    .hasRootCauseInstanceOf(TopicAuthorizationException.class);

            allow(kafka, "writer", AclOperation.WRITE);
            kafka.kill();
            kafka.restart();

            produce(kafka.clientProperties("writer"), PATIENCE_MILLIS);
            Map<String, Object> wrong = new HashMap<>(kafka.clientProperties("writer"));
            wrong.computeIfPresent("sasl.jaas.config", (key, jaas) -> ((String) jaas).replace("secret", "guessed"));
            assertThatThrownBy(() -> produce(wrong, PATIENCE_MILLIS))
                    .hasRootCauseInstanceOf(SaslAuthenticationException.class);
            assertThat(options.toString()).contains("writer").doesNotContain("secret");
        }
    }

    @Test
    void withTlsOnlyThoseComeInWhoTrustItsAuthority() throws Exception {
        try (KafkaBroker kafka =
                KafkaBroker.start(KafkaBroker.Options.defaults().withTls().withProxy())) {
            createTopic(kafka);
            Map<String, Object> proxied = new HashMap<>(kafka.clientProperties());
            proxied.put("bootstrap.servers", kafka.proxiedBootstrap());
            Map<String, Object> trustless = new HashMap<>(kafka.clientProperties());
            trustless.keySet().removeIf(name -> name.startsWith("ssl."));

            produce(kafka.clientProperties(), PATIENCE_MILLIS);
            produce(proxied, PATIENCE_MILLIS);

            assertThat(kafka.caFile()).content().startsWith("-----BEGIN CERTIFICATE-----");
            assertThatThrownBy(() -> produce(trustless, PATIENCE_MILLIS))
                    .hasStackTraceContaining(SslAuthenticationException.class.getName());
            assertThatThrownBy(() -> produce(Map.of("bootstrap.servers", kafka.bootstrap()), IMPATIENCE_MILLIS))
                    .hasRootCauseInstanceOf(TimeoutException.class);
        }
    }

    private static void createTopic(KafkaBroker kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.clientProperties())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
                    .all()
                    .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void allow(KafkaBroker kafka, String user, AclOperation operation) throws Exception {
        AclBinding binding = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
        try (Admin admin = Admin.create(kafka.clientProperties())) {
            admin.createAcls(List.of(binding)).all().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static void produce(Map<String, Object> client, int limitMillis) throws Exception {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put("max.block.ms", limitMillis);
        settings.put("linger.ms", 0);
        settings.put("request.timeout.ms", limitMillis);
        settings.put("delivery.timeout.ms", limitMillis);
        settings.put("enable.idempotence", false);
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        try {
            producer.send(new ProducerRecord<>(TOPIC, "v")).get();
        } finally {
            producer.close(Duration.ZERO);
        }
    }
}
