package dev.tidemark.bench;

import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Records from Kafka to S3 the plain way: a consumer and a thread a shard, objects of as many records as a segment has, one after the other. */
final class SerialSink implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Opened opened = new Opened();
    private final List<Copier> copiers = new ArrayList<>();
    private final ExecutorService threads;
    private final RawBucket bucket;

    /** @param objects what a shard's objects are made by */
    SerialSink(Settings settings, Supplier<ObjectMaking> objects) {
        int shards = settings.source().shards();
        long objectBytes = settings.compactor().segmentBytesMax();
        try {
            threads = Executors.newFixedThreadPool(shards);
            opened.add(threads::shutdownNow);
            bucket = opened.add(new RawBucket(settings.s3(), 1));
            for (int shard = 0; shard < shards; shard++) {
                KafkaConsumer<byte[], byte[]> consumer =
                        opened.add(new KafkaConsumer<>(KafkaClients.exactConsumer(settings.kafka())));
                TopicPartition partition = new TopicPartition(
                        LogTopics.first(settings.source().name()).changes(), shard);
                copiers.add(new Copier(consumer, partition, objectBytes, objects.get()));
            }
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /** One past the last record of each shard, where all have as many. */
    long end() {
        Copier first = copiers.get(0);
        return first.consumer().endOffsets(Set.of(first.partition())).get(first.partition());
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
            throw new IllegalStateException("the copy failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while copying", e);
        }
    }

    /** Gives the disk back, when nobody looks at the clock. */
    void clear() {
        bucket.clear();
    }

    private record Copier(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long objectBytes, ObjectMaking objects) {
        void copy(RawBucket bucket, long from, long to) {
            consumer.assign(Set.of(partition));
            consumer.seek(partition, from);
            List<byte[]> records = new ArrayList<>();
            long bytes = 0;
            while (consumer.position(partition) < to) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                    if (bytes + record.value().length > objectBytes) {
                        objects.put(records, bucket);
                        records.clear();
                        bytes = 0;
                    }
                    records.add(record.value());
                    bytes += record.value().length;
                }
            }
            objects.put(records, bucket);
        }
    }

    @Override
    public void close() {
        opened.close();
    }
}
