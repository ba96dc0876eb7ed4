package dev.tidemark.servers;

import java.util.Locale;

/** How a client proves to a {@link KafkaBroker} who it is. */
public enum SaslMechanism {
    PLAIN("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule"),
    SCRAM_SHA_256("SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule"),
    SCRAM_SHA_512("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

    private final String kafkaName;
    private final String loginModule;

    SaslMechanism(String kafkaName, String loginModule) {
        this.kafkaName = kafkaName;
        this.loginModule = loginModule;
    }

    /** As in {@code sasl.mechanism}. */
    public String kafkaName() {
        return kafkaName;
    }

    boolean isScram() {
        return this != PLAIN;
    }

    /** The line that starts with the login module; options as {@code name="value"}. */
    String jaas(String options) {
        return loginModule + " required" + (options.isEmpty() ? "" : " " + options) + ";";
    }

    /** Where the broker's own line for a listener stands. */
    String jaasSetting(String listener) {
        return "listener.name.%s.%s.sasl.jaas.config"
                .formatted(listener.toLowerCase(Locale.ROOT), kafkaName.toLowerCase(Locale.ROOT));
    }
}
