package dev.tidemark.schemas.kafka;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Whether the topics are still those whose offsets were meant. A consumer would not tell: where a topic was deleted and created
 * again it reads on at the same offset. An id never comes back, so what was read before the answer came from those topics.
 */
public final class LogIdentity implements AutoCloseable {
    private final LogTopics topics;
    private final TopicIds meant;
    private final Duration patience;
    private final Admin admin;

    public LogIdentity(KafkaSettings settings, LogTopics topics, TopicIds meant, Duration patience) {
        this.topics = topics;
        this.meant = meant;
        this.patience = patience;
        this.admin = Admin.create(KafkaClients.connection(settings));
    }

    /** Asked after reading and before anything is built on what was read. */
    public void requireSame() {
        TopicIds found = ask();
        if (!found.equals(meant)) {
            throw recreated("Kafka's topics now have the ids " + found + " instead of " + meant);
        }
    }

    private TopicIds ask() {
        int millis = Math.toIntExact(patience.toMillis());
        try {
            Map<String, TopicDescription> found = admin.describeTopics(
                            List.of(topics.changes(), topics.tidemarks()),
                            new DescribeTopicsOptions().timeoutMs(millis))
                    .allTopicNames()
                    .get(millis + 1_000L, TimeUnit.MILLISECONDS);
            return new TopicIds(
                    found.get(topics.changes()).topicId().toString(),
                    found.get(topics.tidemarks()).topicId().toString());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw recreated("Kafka no longer has both " + topics.changes() + " and " + topics.tidemarks());
            }
            throw silent(e.getCause());
        } catch (TimeoutException e) {
            throw silent(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw silent(e);
        }
    }

    private TidemarkError recreated(String what) {
        return new TidemarkError(
                ExitCode.ARCHIVE_DAMAGED,
                "%s: they were deleted or created again while the log of source %s was read. Offsets mean something else now, so nothing is made of what was read; what lies on S3 stays restorable. Begin a new archive by another source.name"
                        .formatted(what, topics.source()));
    }

    private TidemarkError silent(Throwable why) {
        return new TidemarkError(
                ExitCode.UNREACHABLE,
                "Kafka did not say which topics it has: %s. Nothing is lost; it is asked again"
                        .formatted(why.getMessage()),
                why);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
