package dev.tidemark.capture;

import dev.tidemark.schemas.health.Outage;
import dev.tidemark.schemas.kafka.KafkaClients;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.KafkaSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Which shards are ours. Kafka's consumer group hands out the partitions of {@code tidemarks}; the claim in the log, not the
 * group, is what fences: a member that was paused and does not know that it lost a shard writes only what all ignore.
 *
 * <p>An owner reads {@code tidemarks} too, for claims by others: one that was paused while it claimed may fence us without
 * wanting the shard any more. We then claim again, or nobody's word would count.
 *
 * <p>To claim: append CLAIM to {@code tidemarks}, whose offset is the epoch; learn there what was claimed before; append the
 * epoch to {@code changes}; read up to there, so that our rows are dated after every row that counts.
 */
final class Ownership implements AutoCloseable {
    /** Called on threads of this class. */
    interface Listener {
        /**
         * A shard is ours, under an epoch that fences everybody before us.
         *
         * @param last the last tidemark that counts
         * @param lastMicros the latest time of a row that counts
         * @param nextOffset one past the row that claimed the epoch
         */
        void claimed(int shard, long epoch, Optional<Tidemark> last, long lastMicros, long nextOffset);

        void released(int shard);

        /** Before we join: whether nobody else is there. */
        void alone(boolean now);
    }

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** Where no node can be watched for so long, nobody else may be able to either. */
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(60);

    private static final Duration READ_PATIENCE = Duration.ofSeconds(60);
    /**
     * Without a sign of life for so long, somebody else takes over: keys that were touched meanwhile are only read then, so
     * this is what a death costs in exactness. Brokers accept six seconds and more unless they are told otherwise.
     */
    private static final Duration SESSION = Duration.ofSeconds(6);

    /** As late, at most, does a standby hear that somebody is gone. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    /** Whoever was not at work for so long may have been given up: the group counts from the last sign of life it had. */
    private static final Duration ASLEEP = SESSION.minus(HEARTBEAT.multipliedBy(2));

    private final KafkaSettings kafka;
    private final LogTopics topics;
    private final LogWriter writer;
    private final Listener listener;
    private final String owner;
    private final LongSupplier redisMicros;
    private final TidemarkFollower follower;
    private final CaptureStatus status;
    private final BooleanSupplier covering;
    private final Set<Integer> assigned = ConcurrentHashMap.newKeySet();
    private final Set<Integer> unclaimed = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Long> claimedEpochs = new ConcurrentHashMap<>();
    private final Map<Integer, Long> foreignClaims = new ConcurrentHashMap<>();
    private final Outage outage = new Outage("consumer group");
    /** By shard, while it cannot be claimed. Belongs to the thread that claims. */
    private final Map<Integer, Outage> refusals = new HashMap<>();

    private final Thread group = new Thread(this::followGroup, "tidemark-ownership");
    private final Thread claimer = new Thread(this::claimAssigned, "tidemark-claims");
    private volatile long polledNanos = System.nanoTime();
    private volatile boolean closed;

    Ownership(
            KafkaSettings kafka,
            LogTopics topics,
            LogWriter writer,
            String owner,
            LongSupplier redisMicros,
            TidemarkFollower follower,
            CaptureStatus status,
            BooleanSupplier covering,
            Listener listener) {
        this.covering = covering;
        this.status = status;
        this.redisMicros = redisMicros;
        this.follower = follower;
        this.kafka = kafka;
        this.topics = topics;
        this.writer = writer;
        this.owner = owner;
        this.listener = listener;
    }

    /** @param fatal hears what ends a thread of this class that should not end */
    void start(Thread.UncaughtExceptionHandler fatal) {
        for (Thread each : List.of(group, claimer)) {
            each.setDaemon(true);
            each.setUncaughtExceptionHandler(fatal);
            each.start();
        }
    }

    /** Claims a shard again, under a higher epoch, if it is still ours. */
    void reclaim(int shard) {
        if (assigned.contains(shard)) {
            unclaimed.add(shard);
        }
    }

    private void followGroup() {
        while (!closed) {
            try {
                awaitCoverage();
                beMember();
            } catch (RuntimeException e) {
                // Clients cannot be made while a broker's name is not resolved, or a certificate is being renewed.
                status.unreachable(outage, LateCause.LOG_SILENT, why(e));
                pause(RETRY);
            }
        }
    }

    private static String why(RuntimeException e) {
        return e.getCause() == null
                ? String.valueOf(e.getMessage())
                : e.getMessage() + ": " + e.getCause().getMessage();
    }

    private void beMember() {
        Map<String, Object> properties = KafkaClients.exactConsumer(kafka);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, topics.captureGroup());
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, Math.toIntExact(SESSION.toMillis()));
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.toIntExact(HEARTBEAT.toMillis()));
        properties.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                List.of(CooperativeStickyAssignor.class.getName()));
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties);
        try {
            join(consumer);
            while (!closed) {
                try {
                    if (!isAwake()) {
                        // What we believe to be ours is somebody else's by now. We come back as a newcomer.
                        consumer.unsubscribe();
                        join(consumer);
                    }
                    // A member only: what is in the topic is read by the follower, which never stops for a rebalance.
                    consumer.poll(POLL);
                    // A generation of the group that knows us: with shards, or without as one of those who stand by.
                    status.health().grouped(consumer.groupMetadata().generationId() >= 0);
                    status.reachable(outage);
                } catch (RuntimeException e) {
                    status.unreachable(outage, LateCause.LOG_SILENT, why(e));
                    pause(RETRY);
                }
                polledNanos = System.nanoTime();
            }
        } finally {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
        }
    }

    private void join(KafkaConsumer<byte[], byte[]> consumer) {
        consumer.subscribe(List.of(topics.tidemarks()), new Assignment(consumer));
        polledNanos = System.nanoTime();
    }

    /** Whether the group thread came round lately, so that what it was told still holds. */
    private boolean isAwake() {
        return System.nanoTime() - polledNanos < ASLEEP.toNanos();
    }

    /**
     * Whoever joins is given shards at once. If it did not watch yet, what changed since their last tidemark would be a gap,
     * though a member that stands by has seen it all.
     */
    private void awaitCoverage() {
        long giveUpNanos = System.nanoTime() + JOIN_PATIENCE.toNanos();
        try (GroupMembers members = new GroupMembers(kafka, topics.captureGroup())) {
            while (!closed && !covering.getAsBoolean() && System.nanoTime() < giveUpNanos) {
                members.areNone().ifPresent(listener::alone);
                pause(POLL);
            }
        }
    }

    /** Somebody claimed a shard, at that offset. */
    void heardClaim(int shard, long offset, String claimant) {
        if (!claimant.equals(owner)) {
            foreignClaims.merge(shard, offset, Math::max);
            claimAgainIfFenced(shard);
        }
    }

    /** Called after either side of the comparison was written, so that one of the two callers sees both. */
    private void claimAgainIfFenced(int shard) {
        long ours = claimedEpochs.getOrDefault(shard, Long.MAX_VALUE);
        boolean fenced = foreignClaims.getOrDefault(shard, -1L) > ours;
        if (fenced && assigned.contains(shard) && unclaimed.add(shard)) {
            CaptureLog.fenced(shard);
            listener.released(shard);
        }
    }

    private final class Assignment implements ConsumerRebalanceListener {
        private final KafkaConsumer<byte[], byte[]> consumer;

        private Assignment(KafkaConsumer<byte[], byte[]> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            consumer.pause(partitions);
            for (TopicPartition partition : partitions) {
                claimedEpochs.remove(partition.partition());
                assigned.add(partition.partition());
                unclaimed.add(partition.partition());
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                assigned.remove(partition.partition());
                unclaimed.remove(partition.partition());
                status.health().notUnclaimed(partition.partition());
                listener.released(partition.partition());
            }
        }
    }

    private void claimAssigned() {
        while (!closed) {
            for (int shard : List.copyOf(unclaimed)) {
                if (!isAwake()) {
                    // A claim now would only fence who has the shard, and use up what our watchers hold for it.
                    break;
                }
                // Taken off first: whoever wants it claimed while we do it wants it claimed once more.
                unclaimed.remove(shard);
                try {
                    claimedEpochs.put(shard, claim(shard));
                    refusals.remove(shard);
                    status.health().notUnclaimed(shard);
                    claimAgainIfFenced(shard);
                } catch (RuntimeException e) {
                    refused(shard, e);
                    reclaim(shard);
                }
            }
            pause(unclaimed.isEmpty() ? POLL : RETRY);
        }
    }

    /** Said when it begins and now and then, since it is tried each second. */
    private void refused(int shard, RuntimeException why) {
        status.metrics().late(LateCause.LOG_REFUSED);
        refusals.computeIfAbsent(shard, first -> new Outage("claim of shard " + shard))
                .failed(System.nanoTime())
                .ifPresent(spell -> CaptureLog.claimFailed(shard, String.valueOf(why.getMessage())));
        status.health().unclaimed(shard);
        if (!assigned.contains(shard)) {
            // It went to somebody else meanwhile, and before the line above.
            status.health().notUnclaimed(shard);
        }
    }

    private long claim(int shard) {
        long epoch = append(done -> writer.control(shard, new ControlRecord.Claim(owner), done));
        Optional<Tidemark> told = follower.lastBelow(shard, epoch);
        // The very first claim has nothing to follow: it is dated with Redis's clock, like every row after it.
        long claimMicros = told.map(Tidemark::throughMicros).orElseGet(redisMicros::getAsLong);
        long begun = append(done -> writer.row(shard, new LogRow.EpochClaimed(epoch, claimMicros), done));
        // A log that ends below what was claimed lost it, or was created again: nothing follows from that claim.
        Optional<Tidemark> last = told.filter(tidemark -> tidemark.offset() <= begun);
        try (ShardLog log = new ShardLog(kafka, topics, READ_PATIENCE)) {
            long lastMicros = lastRowMicros(
                    log, shard, epoch, last.map(Ownership::lastRow).orElse(0L), begun + 1);
            if (!assigned.contains(shard)) {
                // Before anybody takes over what the watchers hold: it may be ours again in a moment.
                return epoch;
            }
            listener.claimed(shard, epoch, last, lastMicros, begun + 1);
            if (!assigned.contains(shard)) {
                // It went to somebody else just then, and before the line above.
                listener.released(shard);
            }
        }
        return epoch;
    }

    /** The row that was acknowledged last when the claim was made: it may be later than the claim, and none before it is. */
    private static long lastRow(Tidemark claim) {
        return claim.offset() - 1;
    }

    /** The latest time among these rows. */
    private static long lastRowMicros(ShardLog log, int shard, long epoch, long from, long to) {
        long[] latest = new long[1];
        log.readChanges(shard, Math.max(from, log.changesStart(shard)), to, (offset, row) -> {
            if (row instanceof LogRow.EpochClaimed claimed && claimed.epoch() > epoch) {
                // Somebody was faster, and we claim again; or epochs began anew with another topic, and no row of ours
                // counts.
                throw new KafkaException("changes has epoch %d already; if it stays so, tidemarks was created again"
                        .formatted(claimed.epoch()));
            }
            // A fenced writer's rows may be among them: that makes our
            // rows later, never earlier.
            latest[0] = Math.max(latest[0], row.timeMicros());
        });
        return latest[0];
    }

    private interface Append {
        void send(org.apache.kafka.clients.producer.Callback done);
    }

    private static long append(Append append) {
        CompletableFuture<RecordMetadata> appended = new CompletableFuture<>();
        append.send((metadata, failure) -> {
            if (failure == null) {
                appended.complete(metadata);
            } else {
                appended.completeExceptionally(failure);
            }
        });
        try {
            return appended.join().offset();
        } catch (java.util.concurrent.CompletionException e) {
            throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        claimer.interrupt();
        join(group);
        join(claimer);
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
