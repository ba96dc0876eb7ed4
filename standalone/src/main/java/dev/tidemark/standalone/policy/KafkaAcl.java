package dev.tidemark.standalone.policy;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What one service may do to one topic or group, named in full.
 *
 * @param operations as kafka-acls spells them; each of them lets the topic be described, too
 */
public record KafkaAcl(Service service, Resource resource, String name, List<String> operations) {
    /** What an ACL is about. */
    public enum Resource {
        TOPIC,
        GROUP;

        String spoken() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public KafkaAcl {
        Objects.requireNonNull(service, "service");
        Objects.requireNonNull(resource, "resource");
        Objects.requireNonNull(name, "name");
        operations = List.copyOf(operations);
    }

    /** The command that gives it. */
    String command(String bootstrap, String user) {
        return "kafka-acls.sh --bootstrap-server %s --add --allow-principal User:%s %s --%s %s"
                .formatted(
                        bootstrap,
                        user,
                        operations.stream().map(each -> "--operation " + each).collect(Collectors.joining(" ")),
                        resource.spoken(),
                        name);
    }
}
