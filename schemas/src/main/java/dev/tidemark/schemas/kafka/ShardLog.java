package dev.tidemark.schemas.kafka;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRowCodec;
import dev.tidemark.schemas.log.UnreadableRecord;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads exact offset ranges of a source's log. For one thread at a time.
 *
 * <p>Everything that is there is handed over, what counts and what does not: {@link
 * dev.tidemark.schemas.log.RowsInForce} and {@link dev.tidemark.schemas.log.ClaimsInForce} judge.
 */
public final class ShardLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    /**
     * All that is read is there already. The fetch behind the last record would wait for the next one, at its broker, and every
     * question behind that fetch with it.
     */
    private static final int FETCH_MILLIS_MAX = 5;

    private final LogTopics topics;
    private final Duration patience;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final LogRowCodec rowCodec = new LogRowCodec();
    private final ControlRecordCodec controlCodec = new ControlRecordCodec();

    /** Takes a row of {@code changes} and its offset. */
    public interface RowSink {
        void row(long offset, LogRow row);
    }

    /** Takes a row of {@code changes}, its offset, and the epoch of the leader under which it was written. */
    public interface TracedRowSink {
        void row(long offset, OptionalInt leaderEpoch, LogRow row);
    }

    /** Takes a record of {@code tidemarks} and its offset. */
    public interface ControlSink {
        void record(long offset, ControlRecord record);

        /** No build knows this record, or this one is too old for it. Whoever may not go on without it fails. */
        default void unreadable(long offset, LogUnreadable why) {
            throw why;
        }
    }

    private interface RecordSink {
        void record(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecord;
    }

    /** @param patience how long to wait for a broker that does not answer, and for a record that does not come */
    public ShardLog(KafkaSettings settings, LogTopics topics, Duration patience) {
        this.topics = topics;
        this.patience = patience;
        Map<String, Object> properties = KafkaClients.exactConsumer(settings);
        properties.put("default.api.timeout.ms", Math.toIntExact(patience.toMillis()));
        properties.put("request.timeout.ms", Math.toIntExact(Math.min(patience.toMillis(), 30_000)));
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_MILLIS_MAX);
        this.consumer = new KafkaConsumer<>(properties);
    }

    /** The first offset of {@code changes} that Kafka still holds. */
    public long changesStart(int shard) {
        return start(new TopicPartition(topics.changes(), shard));
    }

    /** One past the last record of {@code changes}. */
    public long changesEnd(int shard) {
        return end(new TopicPartition(topics.changes(), shard));
    }

    public long tidemarksStart(int shard) {
        return start(new TopicPartition(topics.tidemarks(), shard));
    }

    public long tidemarksEnd(int shard) {
        return end(new TopicPartition(topics.tidemarks(), shard));
    }

    /** The first record of {@code tidemarks} written then or later; one past the last if there is none. */
    public long tidemarksAt(int shard, long epochMillis) {
        TopicPartition partition = new TopicPartition(topics.tidemarks(), shard);
        OffsetAndTimestamp found = asking(
                () -> consumer.offsetsForTimes(Map.of(partition, epochMillis)).get(partition));
        return found == null ? end(partition) : found.offset();
    }

    /** How many partitions a topic has, hence shards; 0 if there is no such topic. */
    public int shards() {
        List<PartitionInfo> partitions = asking(() -> consumer.partitionsFor(topics.tidemarks()));
        return partitions == null ? 0 : partitions.size();
    }

    /** Hands over every record in [from, to), or fails. */
    public void readChanges(int shard, long from, long to, RowSink sink) {
        read(
                new TopicPartition(topics.changes(), shard),
                new LogPosition(from, OptionalInt.empty()),
                to,
                record -> sink.row(record.offset(), rowCodec.decode(record.value())));
    }

    /** The same from where a reader stood, or fails: also if what it read before is not in the log any more. */
    public void readChanges(int shard, LogPosition from, long to, TracedRowSink sink) {
        read(new TopicPartition(topics.changes(), shard), from, to, record -> {
            OptionalInt epoch = record.leaderEpoch().map(OptionalInt::of).orElse(OptionalInt.empty());
            sink.row(record.offset(), epoch, rowCodec.decode(record.value()));
        });
    }

    /** Fails if the log is not, or no longer, the one that a reader read up to there. */
    public void requireContinues(int shard, LogPosition from) {
        TopicPartition partition = new TopicPartition(topics.changes(), shard);
        if (from.leaderEpoch().isEmpty()) {
            return;
        }
        // Asked first: a consumer that knows no leader yet would stand wherever it is told to.
        end(partition);
        standAt(partition, from);
        truncationIn(partition, from, () -> consumer.position(partition));
    }

    /** Hands over every record in [from, to), or fails. */
    public void readTidemarks(int shard, long from, long to, ControlSink sink) {
        LogPosition begin = new LogPosition(from, OptionalInt.empty());
        read(new TopicPartition(topics.tidemarks(), shard), begin, to, record -> {
            try {
                sink.record(record.offset(), controlCodec.decode(record.value()));
            } catch (UnreadableRecord e) {
                sink.unreadable(record.offset(), unreadable(record, e));
            }
        });
    }

    private void read(TopicPartition partition, LogPosition begin, long to, RecordSink sink) {
        long from = begin.offset();
        if (from >= to) {
            return;
        }
        standAt(partition, begin);
        long heardNanos = System.nanoTime();
        long position = from;
        while (position < to) {
            for (ConsumerRecord<byte[], byte[]> record : poll(partition, begin, to)) {
                if (record.offset() < to) {
                    hand(record, sink);
                }
            }
            long now = truncationIn(partition, begin, () -> consumer.position(partition));
            if (now > position) {
                position = now;
                heardNanos = System.nanoTime();
            } else if (System.nanoTime() - heardNanos > patience.toNanos()) {
                throw new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "%s has brought nothing at offset %d for %d s, though [%d, %d) was to be read; nothing is lost. Check the brokers"
                                .formatted(partition, position, patience.toSeconds(), from, to));
            }
        }
    }

    /** The client itself holds an epoch against the log, before it fetches and whenever another leader is told of. */
    private void standAt(TopicPartition partition, LogPosition position) {
        Optional<Integer> epoch = position.leaderEpoch().isPresent()
                ? Optional.of(position.leaderEpoch().getAsInt())
                : Optional.empty();
        asking(() -> {
            consumer.assign(Set.of(partition));
            consumer.seek(partition, new OffsetAndMetadata(position.offset(), epoch, ""));
            return null;
        });
    }

    private Iterable<ConsumerRecord<byte[], byte[]>> poll(TopicPartition partition, LogPosition from, long to) {
        try {
            return truncationIn(partition, from, () -> consumer.poll(POLL).records(partition));
        } catch (TidemarkError e) {
            if (e.getCause() instanceof OffsetOutOfRangeException) {
                throw new LogUnreadable(
                        "%s no longer holds all of [%d, %d), which has not been read yet; what lies on S3 stays restorable. Kafka's retention is shorter than the compactor was away, or the topic was recreated"
                                .formatted(partition, from.offset(), to),
                        e);
            }
            throw e;
        }
    }

    private <T> T truncationIn(TopicPartition partition, LogPosition from, Supplier<T> question) {
        try {
            return asking(question);
        } catch (TidemarkError e) {
            if (e.getCause() instanceof LogTruncationException) {
                throw new LogUnreadable(
                        "%s lost records that had been read: what stands below offset %d now was written later, or is gone. It does not follow what lies on S3, which stays restorable. Kafka lost what it had acknowledged: a broker's disk, its last writes, or an election of a leader that was not in sync. Begin a new archive by another source.name"
                                .formatted(partition, from.offset()),
                        e);
            }
            throw e;
        }
    }

    private static void hand(ConsumerRecord<byte[], byte[]> record, RecordSink sink) {
        try {
            sink.record(record);
        } catch (UnreadableRecord e) {
            throw unreadable(record, e);
        }
    }

    private static LogUnreadable unreadable(ConsumerRecord<byte[], byte[]> record, UnreadableRecord why) {
        return new LogUnreadable(
                "the record at offset %d of %s-%d cannot be read; it is kept and nothing after it is. Was it written by a newer build, or by another program?"
                        .formatted(record.offset(), record.topic(), record.partition()),
                why);
    }

    private long start(TopicPartition partition) {
        return asking(() -> consumer.beginningOffsets(Set.of(partition)).get(partition));
    }

    private long end(TopicPartition partition) {
        return asking(() -> consumer.endOffsets(Set.of(partition)).get(partition));
    }

    private <T> T asking(Supplier<T> question) {
        try {
            return question.get();
        } catch (KafkaException e) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "Kafka did not answer for %s: %s. Nothing is lost; check kafka.bootstrap and the rights of this user"
                            .formatted(topics.changes(), e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(2)));
    }
}
