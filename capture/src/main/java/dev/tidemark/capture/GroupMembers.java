package dev.tidemark.capture;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Who is in a consumer group, as its brokers know it. The dead are in it until their session is over. */
final class GroupMembers implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Admin admin;
    private final String group;

    GroupMembers(KafkaSettings kafka, String group) {
        Map<String, Object> properties = KafkaClients.connection(kafka);
        int millis = Math.toIntExact(PATIENCE.toMillis());
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        this.admin = Admin.create(properties);
        this.group = group;
    }

    /** Whether there is no member; empty while that cannot be learnt. */
    Optional<Boolean> areNone() {
        try {
            return Optional.of(admin.describeConsumerGroups(List.of(group))
                    .describedGroups()
                    .get(group)
                    .get()
                    .members()
                    .isEmpty());
        } catch (ExecutionException e) {
            return e.getCause() instanceof GroupIdNotFoundException ? Optional.of(true) : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
