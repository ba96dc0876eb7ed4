package dev.tidemark.bench;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Records from Kafka to S3 as they are: a consumer and a thread a shard, objects as large as segments, nothing else. */
final class PlainCopy implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Opened opened = new Opened();
    private final List<Copier> copiers = new ArrayList<>();
    private final ExecutorService threads;
    private final RawBucket bucket;

    PlainCopy(Settings settings, S3Endpoint s3) {
        int shards = settings.source().shards();
        int objectBytes = Math.toIntExact(settings.compactor().segmentBytesMax());
        try {
            threads = Executors.newFixedThreadPool(shards);
            opened.add(threads::shutdownNow);
            bucket = opened.add(new RawBucket(s3, 1));
            for (int shard = 0; shard < shards; shard++) {
                KafkaConsumer<byte[], byte[]> consumer =
                        opened.add(new KafkaConsumer<>(KafkaClients.exactConsumer(settings.kafka())));
                TopicPartition partition = new TopicPartition(
                        LogTopics.first(settings.source().name()).changes(), shard);
                copiers.add(new Copier(consumer, partition, new byte[objectBytes]));
            }
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /** These offsets of every shard, all shards at once. */
    void copy(long from, long to) {
        List<Future<?>> running = new ArrayList<>();
        copiers.forEach(copier -> running.add(threads.submit(() -> copier.copy(bucket, from, to))));
        try {
            for (Future<?> each : running) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the plain copy failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while copying", e);
        }
    }

    /** Gives the disk back, when nobody looks at the clock. */
    void clear() {
        bucket.clear();
    }

    @SuppressWarnings("ArrayRecordComponent") // An object's bytes that are used again, not a value.
    private record Copier(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, byte[] object) {
        void copy(RawBucket bucket, long from, long to) {
            consumer.assign(Set.of(partition));
            consumer.seek(partition, from);
            int used = 0;
            while (consumer.position(partition) < to) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                    byte[] value = record.value();
                    if (used + value.length > object.length) {
                        bucket.put(object, used);
                        used = 0;
                    }
                    System.arraycopy(value, 0, object, used, value.length);
                    used += value.length;
                }
            }
            bucket.put(object, used);
        }
    }

    @Override
    public void close() {
        opened.close();
    }
}
