package dev.tidemark.standalone.up;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.KafkaBroker;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who was in the consumer groups when a broker of ours was last killed. They died with it, and the broker would wait for them
 * until their sessions are over, some fifteen seconds in which nobody has a shard.
 */
final class FormerMembers {
    private static final Logger LOG = LoggerFactory.getLogger(FormerMembers.class);
    private static final long PATIENCE_SECONDS = 10;

    private FormerMembers() {}

    /** Puts them out. Whoever lives after all joins again, and nothing hangs on it: a shard is fenced by its epoch. */
    static void putOut(KafkaBroker broker, Settings settings) {
        try (Admin admin = Admin.create(broker.clientProperties())) {
            for (String group : List.of(
                    LogTopics.first(settings.source().name()).captureGroup(),
                    settings.compactor().applicationId(settings.source()))) {
                putOut(admin, group);
            }
        }
    }

    private static void putOut(Admin admin, String group) {
        try {
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException noneToPutOut) {
            LOG.debug("event=group-left-as-it-is reason=\"{}\"", noneToPutOut.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
