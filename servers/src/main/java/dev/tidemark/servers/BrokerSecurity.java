package dev.tidemark.servers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * What stands between a broker and its clients: TLS, SASL with users, and with SASL an authorizer that refuses whatever
 * no ACL allows.
 *
 * @param users name and password; the super user among them may do all
 */
record BrokerSecurity(boolean tls, Optional<SaslMechanism> mechanism, Map<String, String> users) {
    static final String SUPER_USER = "admin";

    BrokerSecurity {
        users = Map.copyOf(users);
    }

    String protocol() {
        if (mechanism.isPresent()) {
            return tls ? "SASL_SSL" : "SASL_PLAINTEXT";
        }
        return tls ? "SSL" : "PLAINTEXT";
    }

    Map<String, String> brokerSettings(List<String> listeners) {
        Map<String, String> settings = new HashMap<>();
        if (tls) {
            settings.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
            settings.put(
                    SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG,
                    LoopbackCertificate.get().keyAndChainFile().toString());
        }
        mechanism.ifPresent(chosen -> {
            settings.put("sasl.enabled.mechanisms", chosen.kafkaName());
            listeners.forEach(listener -> settings.put(chosen.jaasSetting(listener), chosen.jaas(knownUsers(chosen))));
            settings.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
            // The broker talks to itself without a name, on listeners that are nobody else's.
            settings.put("super.users", "User:%s;User:ANONYMOUS".formatted(SUPER_USER));
        });
        return settings;
    }

    /** SCRAM users stand in the metadata, so they are there from the format on. */
    List<String> formatArguments() {
        List<String> arguments = new ArrayList<>();
        mechanism
                .filter(SaslMechanism::isScram)
                .ifPresent(scram -> users.forEach((name, password) -> {
                    arguments.add("--add-scram");
                    arguments.add("%s=[name=%s,password=%s]".formatted(scram.kafkaName(), name, password));
                }));
        return arguments;
    }

    Map<String, Object> clientProperties(String user) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol());
        if (tls) {
            properties.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, "PEM");
            properties.put(
                    SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG,
                    LoopbackCertificate.get().caFile().toString());
        }
        mechanism.ifPresent(chosen -> {
            properties.put(SaslConfigs.SASL_MECHANISM, chosen.kafkaName());
            properties.put(
                    SaslConfigs.SASL_JAAS_CONFIG,
                    chosen.jaas("username=\"%s\" password=\"%s\"".formatted(user, password(user))));
        });
        return properties;
    }

    private String password(String user) {
        return Optional.ofNullable(users.get(user))
                .orElseThrow(() -> new IllegalArgumentException("the broker was started without the user " + user));
    }

    private String knownUsers(SaslMechanism chosen) {
        return chosen.isScram()
                ? ""
                : users.entrySet().stream()
                        .map(user -> "user_%s=\"%s\"".formatted(user.getKey(), user.getValue()))
                        .collect(Collectors.joining(" "));
    }

    @Override
    public String toString() {
        return "%s for %s".formatted(protocol(), users.keySet());
    }
}
