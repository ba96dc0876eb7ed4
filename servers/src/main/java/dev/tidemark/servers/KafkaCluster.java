package dev.tidemark.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Three real brokers of one Kafka cluster on loopback, which keep three copies of everything: as it is run where nothing may be
 * lost with a machine. Each is a {@link KafkaBroker} with all that may happen to one.
 */
public final class KafkaCluster implements AutoCloseable {
    private static final int BROKERS = 3;

    private final List<KafkaBroker> brokers;

    private KafkaCluster(List<KafkaBroker> brokers) {
        this.brokers = List.copyOf(brokers);
    }

    public static KafkaCluster start() {
        // Beside each other: none of them is up before most of them are.
        List<CompletableFuture<KafkaBroker>> starting = BrokerMembership.of(BROKERS).stream()
                .map(each -> CompletableFuture.supplyAsync(
                        () -> KafkaBroker.start(KafkaBroker.Options.defaults(), each),
                        work -> new Thread(work).start()))
                .toList();
        List<KafkaBroker> started = new ArrayList<>();
        CompletionException failure = null;
        for (CompletableFuture<KafkaBroker> each : starting) {
            try {
                started.add(each.join());
            } catch (CompletionException e) {
                failure = e;
            }
        }
        KafkaCluster cluster = new KafkaCluster(started);
        if (failure != null) {
            cluster.close();
            throw failure;
        }
        return cluster;
    }

    public List<KafkaBroker> brokers() {
        return brokers;
    }

    /** For {@code bootstrap.servers}. */
    public String bootstrap() {
        return brokers.stream().map(KafkaBroker::bootstrap).collect(Collectors.joining(","));
    }

    /** Who leads a partition now. */
    public KafkaBroker leaderOf(String topic, int partition) {
        try (Admin admin = Admin.create(brokers.get(0).clientProperties())) {
            TopicDescription description =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            TopicPartitionInfo found = description.partitions().get(partition);
            return brokers.get(found.leader().id() - 1);
        } catch (ExecutionException e) {
            throw new ServerFailure("kafka does not tell who leads %s-%d".formatted(topic, partition), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailure("interrupted while kafka was asked", e);
        }
    }

    @Override
    public void close() {
        brokers.forEach(KafkaBroker::close);
    }
}
