package dev.tidemark.compactor;

import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/**
 * Whether Kafka answers at this time. Streams would not tell: it waits for a broker in silence, for hours if need be, and a
 * shard in which nothing is claimed asks for nothing.
 */
final class KafkaProbe implements AutoCloseable {
    private static final Duration PACE = Duration.ofSeconds(3);
    private static final int PATIENCE_MILLIS = 5_000;

    private final Admin admin;
    private final ScheduledExecutorService thread;
    private final Outage outage;
    private volatile boolean isAnswering;

    KafkaProbe(KafkaSettings settings) {
        this.outage = new Outage("Kafka at " + settings.bootstrap());
        Map<String, Object> properties = KafkaClients.connection(settings);
        this.admin = Admin.create(properties);
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread daemon = new Thread(task, "tidemark-kafka-probe");
            daemon.setDaemon(true);
            return daemon;
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored") // It never ends by itself, and what it throws it catches.
    void start() {
        thread.scheduleWithFixedDelay(this::ask, 0, PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean isAnswering() {
        return isAnswering;
    }

    private void ask() {
        try {
            admin.describeCluster(new DescribeClusterOptions().timeoutMs(PATIENCE_MILLIS))
                    .nodes()
                    .get(2L * PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            answers();
        } catch (ExecutionException | TimeoutException | RuntimeException silent) {
            isSilent(String.valueOf(silent.getMessage()));
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void answers() {
        isAnswering = true;
        outage.answered(System.nanoTime()).ifPresent(Outage.Spell::sayReachable);
    }

    private void isSilent(String why) {
        isAnswering = false;
        outage.failed(System.nanoTime())
                .ifPresent(spell -> spell.sayUnreachable(why + ". Do its brokers run, and have their disks room?"));
    }

    @Override
    public void close() {
        thread.shutdownNow();
        admin.close(Duration.ofSeconds(1));
    }
}
