package dev.tidemark.standalone.policy;

import java.util.List;
import java.util.Map;

/** The same rights as resources of the Strimzi operator; what it calls a cluster is a label. */
public final class StrimziResources {
    private final KafkaPolicy policy;
    private final String cluster;

    public StrimziResources(KafkaPolicy policy, String cluster) {
        this.policy = policy;
        this.cluster = cluster;
    }

    /** The topics and a user for each service that has rights, for {@code kubectl apply}. */
    public String all(List<Service> services) {
        StringBuilder yaml = new StringBuilder(topics());
        services.stream()
                .filter(service -> !policy.of(service).isEmpty())
                .forEach(service -> yaml.append(user(service)));
        return yaml.toString();
    }

    /** Both topics, so that {@code kafka.topics-create: false} works. */
    public String topics() {
        StringBuilder yaml = new StringBuilder();
        for (String topic : List.of(policy.topics().changes(), policy.topics().tidemarks())) {
            yaml.append(head("KafkaTopic", topic));
            yaml.append("""
                    spec:
                      topicName: "%s"
                      partitions: %d
                      replicas: %d
                      config:
                    """.formatted(topic, policy.partitions(), policy.copies()));
            for (Map.Entry<String, String> setting : policy.topicSettings().entrySet()) {
                yaml.append("    %s: \"%s\"%n".formatted(setting.getKey(), setting.getValue()));
            }
        }
        return yaml.toString();
    }

    public String user(Service service) {
        StringBuilder yaml = new StringBuilder(head("KafkaUser", service.user(policy.source())));
        yaml.append("""
                spec:
                  authentication:
                    type: scram-sha-512
                  authorization:
                    type: simple
                    acls:
                """);
        for (KafkaAcl acl : policy.of(service)) {
            yaml.append("""
                          - resource: {type: %s, name: "%s", patternType: literal}
                            operations: %s
                    """.formatted(acl.resource().spoken(), acl.name(), acl.operations()));
        }
        return yaml.toString();
    }

    private String head(String kind, String name) {
        return """
                ---
                apiVersion: kafka.strimzi.io/v1beta2
                kind: %s
                metadata:
                  name: "%s"
                  labels: {strimzi.io/cluster: "%s"}
                """.formatted(kind, name, cluster);
    }
}
