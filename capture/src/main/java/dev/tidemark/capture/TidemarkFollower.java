package dev.tidemark.capture;

import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.LogUnreadable;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.ClaimsInForce;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecordCodec;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.UnreadableRecord;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads {@code tidemarks} of every shard, whoever owns it: what counts there tells watchers what they may forget, and a new
 * owner where to go on.
 */
final class TidemarkFollower implements AutoCloseable {
    /** Called on the follower's thread, in the order of the log. */
    interface Listener {
        void counted(int shard, Tidemark tidemark);

        void heardClaim(int shard, long offset, String owner);
    }

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Records read back at first; four times as many each time they do not tell what counts. */
    private static final long WINDOW = 4_096;

    private static final long UNKNOWN = -1;

    /** One shard's records, as far as they have been read. */
    private static final class Shard {
        private final ClaimsInForce inForce = new ClaimsInForce();
        private Tidemark last;
        /** Up to here everybody has been told; nobody knows anything yet where it is negative. */
        private long next = UNKNOWN;

        private Optional<Tidemark> take(long offset, ControlRecord record) {
            if (inForce.counts(offset, record) && record instanceof Tidemark tidemark) {
                last = tidemark;
                return Optional.of(tidemark);
            }
            return Optional.empty();
        }
    }

    private final KafkaSettings kafka;
    private final LogTopics topics;
    private final CaptureStatus status;
    private final Listener listener;
    private final List<Shard> shards = new ArrayList<>();
    private final ControlRecordCodec codec = new ControlRecordCodec();
    private final Outage outage = new Outage("tidemarks");
    private final Thread thread = new Thread(this::follow, "tidemark-follower");
    private volatile boolean closed;

    TidemarkFollower(KafkaSettings kafka, LogTopics topics, int shardCount, CaptureStatus status, Listener listener) {
        this.status = status;
        this.kafka = kafka;
        this.topics = topics;
        this.listener = listener;
        for (int shard = 0; shard < shardCount; shard++) {
            shards.add(new Shard());
        }
        thread.setDaemon(true);
    }

    /** @param fatal hears what ends the follower's thread, which should not end */
    void start(Thread.UncaughtExceptionHandler fatal) {
        thread.setUncaughtExceptionHandler(fatal);
        thread.start();
    }

    /** The last tidemark that counts below this offset, once everything up to there has been read; waits for that. */
    Optional<Tidemark> lastBelow(int shard, long offset) {
        long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
        synchronized (shards) {
            while (shards.get(shard).next <= offset) {
                long millis = (giveUpNanos - System.nanoTime()) / 1_000_000;
                if (millis <= 0 || closed) {
                    throw new IllegalStateException("what was claimed before could not be read within "
                            + PATIENCE.toSeconds() + " s; it is tried again");
                }
                try {
                    shards.wait(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted", e);
                }
            }
            return Optional.ofNullable(shards.get(shard).last);
        }
    }

    private void follow() {
        while (!closed) {
            try {
                catchUp();
                readOn();
            } catch (OffsetOutOfRangeException e) {
                status.unreachable(outage, LateCause.LOG_SILENT, "what was to be read next is not there any more");
                forget();
            } catch (RuntimeException e) {
                if (!closed) {
                    status.unreachable(outage, LateCause.LOG_SILENT, String.valueOf(e.getMessage()));
                    pause();
                }
            }
        }
    }

    private void forget() {
        synchronized (shards) {
            shards.replaceAll(known -> new Shard());
        }
    }

    /** Reads back from the end until it is known what counts. */
    private void catchUp() {
        try (ShardLog log = new ShardLog(kafka, topics, PATIENCE)) {
            for (int shard = 0; shard < shards.size(); shard++) {
                if (shards.get(shard).next == UNKNOWN) {
                    catchUp(log, shard);
                }
            }
        }
    }

    private void catchUp(ShardLog log, int shard) {
        long start = log.tidemarksStart(shard);
        long end = log.tidemarksEnd(shard);
        for (long window = WINDOW; ; window *= 4) {
            long from = Math.max(start, end - window);
            Shard read = new Shard();
            log.readTidemarks(shard, from, end, new WhatIsKnown(read));
            if (read.last != null || from == start) {
                if (read.last != null) {
                    listener.counted(shard, read.last);
                }
                if (read.inForce.epochInForce() >= 0) {
                    listener.heardClaim(shard, read.inForce.epochInForce(), "");
                }
                read.next = end;
                synchronized (shards) {
                    shards.set(shard, read);
                    shards.notifyAll();
                }
                return;
            }
        }
    }

    private void readOn() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(KafkaClients.exactConsumer(kafka))) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int shard = 0; shard < shards.size(); shard++) {
                partitions.add(new TopicPartition(topics.tidemarks(), shard));
            }
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.seek(partition, shards.get(partition.partition()).next));
            while (!closed) {
                consumer.poll(POLL).forEach(this::hear);
                status.reachable(outage);
            }
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
    }

    /** The same records are passed over when they are read back as when they come. */
    private final class WhatIsKnown implements ShardLog.ControlSink {
        private final Shard shard;

        WhatIsKnown(Shard shard) {
            this.shard = shard;
        }

        @Override
        public void record(long offset, ControlRecord record) {
            shard.take(offset, record);
        }

        @Override
        public void unreadable(long offset, LogUnreadable why) {
            TidemarkFollower.this.unreadable(why);
        }
    }

    /**
     * A claim of a newer build fences us for all who know it, whether we do or not; a tidemark that is not known leaves an
     * earlier one to go on from, which asks more of our watchers, never less.
     */
    private void unreadable(Exception why) {
        status.late(
                LateCause.LOG_REFUSED,
                "a record of %s cannot be read: %s".formatted(topics.tidemarks(), why.getMessage()));
    }

    private void hear(ConsumerRecord<byte[], byte[]> record) {
        int shard = record.partition();
        try {
            ControlRecord control = codec.decode(record.value());
            if (control instanceof ControlRecord.Claim claim) {
                listener.heardClaim(shard, record.offset(), claim.owner());
            }
            shards.get(shard).take(record.offset(), control).ifPresent(tidemark -> listener.counted(shard, tidemark));
        } catch (UnreadableRecord e) {
            unreadable(e);
        }
        // Last: whoever waits for this record shall find that everybody has heard it.
        synchronized (shards) {
            shards.get(shard).next = record.offset() + 1;
            shards.notifyAll();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (shards) {
            shards.notifyAll();
        }
        try {
            thread.join(Duration.ofSeconds(3).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
