package dev.tidemark.capture;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * A producer that never keeps its caller waiting. Kafka's own does where it has lost sight of a topic, as it has when a broker told
 * of none while it went down: until another one tells. Here what it does not take waits, in its order, and is tried again. How much
 * that can be is for the caller to bound: whatever was sent and has no outcome.
 */
final class PatientProducer implements AutoCloseable {
    private static final Duration TRY_AGAIN = Duration.ofMillis(50);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(2);

    private final Duration patience;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final ScheduledExecutorService thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread daemon = new Thread(task, "tidemark-waiting-records");
        daemon.setDaemon(true);
        return daemon;
    });

    private record Waiting(ProducerRecord<byte[], byte[]> record, Callback done, long sinceNanos) {}

    /** @param patience how long a record may wait before its outcome is called unknown */
    @SuppressWarnings("FutureReturnValueIgnored") // It never ends by itself.
    PatientProducer(Map<String, Object> properties, Duration patience) {
        this.patience = patience;
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0L);
        this.producer = new KafkaProducer<>(properties);
        thread.scheduleWithFixedDelay(
                this::sendWaiting, TRY_AGAIN.toMillis(), TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The callback may run on any thread, this one too. */
    synchronized void send(ProducerRecord<byte[], byte[]> record, Callback done) {
        Waiting next = new Waiting(record, done, System.nanoTime());
        if (!waiting.isEmpty() || !isTaken(next)) {
            waiting.add(next);
        }
    }

    private synchronized void sendWaiting() {
        while (!waiting.isEmpty() && (isTaken(waiting.peek()) || isGivenUp(waiting.peek()))) {
            waiting.remove();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The callback hears all that the future would tell.
    private boolean isTaken(Waiting next) {
        Turn turn = new Turn(next.done(), Thread.currentThread());
        try {
            producer.send(next.record(), turn);
        } catch (KafkaException | IllegalStateException e) {
            // It is closed, or cannot go on. Thrown on, that would end the thread that all others wait for.
            next.done().onCompletion(null, e);
        }
        return !turn.isRefused;
    }

    private boolean isGivenUp(Waiting next) {
        boolean isOver = System.nanoTime() - next.sinceNanos() > patience.toNanos();
        if (isOver) {
            next.done().onCompletion(null, new TimeoutException("no broker told of the topic for " + patience));
        }
        return isOver;
    }

    /** Whether a record is taken shows before {@code send} returns, and on its thread; all else is the outcome. */
    private static final class Turn implements Callback {
        private final Callback done;
        private final Thread sender;
        private boolean isRefused;

        Turn(Callback done, Thread sender) {
            this.done = done;
            this.sender = sender;
        }

        @Override
        public void onCompletion(RecordMetadata metadata, Exception failure) {
            if (failure instanceof TimeoutException && Thread.currentThread() == sender) {
                isRefused = true;
            } else {
                done.onCompletion(metadata, failure);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        producer.close(CLOSE_MAX);
        synchronized (this) {
            waiting.forEach(each -> each.done().onCompletion(null, new KafkaException("capture is stopping")));
            waiting.clear();
        }
    }
}
