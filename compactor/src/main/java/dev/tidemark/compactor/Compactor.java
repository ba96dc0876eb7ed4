package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.settings.Settings;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The compactor of a source; any number of them share its shards. */
public final class Compactor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CLOSE_GENTLY = Duration.ofSeconds(5);
    private static final Duration CLOSE_FIRMLY = Duration.ofSeconds(30);

    private final Settings settings;
    private final LogTopics topics;
    private final Archive archive;
    private final StreamsDirectory directory;
    private final KafkaStreams streams;
    private final Map<Integer, ShardStatus> board = new ConcurrentHashMap<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    private Compactor(Settings settings, LogTopics topics, Archive archive) {
        this.settings = settings;
        this.topics = topics;
        this.archive = archive;
        this.directory = StreamsDirectory.in(settings.compactor().stateDir());
        this.streams = new KafkaStreams(topology(), StreamsProperties.of(settings, directory.path()));
        ThreadReplacements replacements = new ThreadReplacements(System::nanoTime);
        streams.setUncaughtExceptionHandler(e -> onThreadDeath(e, replacements));
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                ended.countDown();
            }
        });
    }

    /** Checks what everything rests on, then works until it is closed. */
    public static Compactor start(Settings settings) {
        LogTopics topics = LogTopics.first(settings.source().name());
        Archive archive = Archive.open(settings.s3(), settings.source().name());
        try {
            archive.probeCreateOnly();
            archive.claimLog(topics.generation(), idsOf(settings, topics));
            Compactor compactor = new Compactor(settings, topics, archive);
            compactor.streams.start();
            return compactor;
        } catch (RuntimeException e) {
            archive.close();
            throw e;
        }
    }

    private static TopicIds idsOf(Settings settings, LogTopics topics) {
        TopicIds ids = TopicSetup.ids(settings.kafka(), topics, PATIENCE)
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "the topics %s and %s do not exist yet, so there is nothing to archive; nothing was written. Start capture, which creates them, and then this again"
                                .formatted(topics.changes(), topics.tidemarks())));
        try (ShardLog log = new ShardLog(settings.kafka(), topics, PATIENCE)) {
            int shards = log.shards();
            if (shards != settings.source().shards()) {
                throw new TidemarkError(
                        ExitCode.USAGE,
                        "source.shards is %d, but %s has %d partitions; the number is fixed for the life of a source's name. Set source.shards: %d"
                                .formatted(settings.source().shards(), topics.tidemarks(), shards, shards));
            }
        }
        return ids;
    }

    private Topology topology() {
        return new Topology()
                .addSource("tidemarks", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics.tidemarks())
                .addProcessor("shards", () -> new ShardProcessor(this::open, board), "tidemarks");
    }

    private ShardCompactor open(int shard) {
        return new ShardCompactor(
                shard,
                topics.generation(),
                archive,
                new ShardLog(settings.kafka(), topics, PATIENCE),
                settings.compactor(),
                stopping::get,
                System::nanoTime);
    }

    private StreamThreadExceptionResponse onThreadDeath(Throwable e, ThreadReplacements replacements) {
        LOG.error("event=stream_thread_died source={} reason=\"{}\"", archive.source(), e.getMessage(), e);
        if (replacements.isOneMoreAllowed()) {
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        failure.compareAndSet(null, e);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** The shards that this process works on, by number. */
    public List<ShardStatus> shards() {
        return board.values().stream()
                .sorted(Comparator.comparingInt(ShardStatus::shard))
                .toList();
    }

    /** Returns when it has been closed; throws when it ended by itself. */
    public void await() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        Throwable cause = failure.get();
        if (cause != null) {
            throw new TidemarkError(
                    ExitCode.UNREACHABLE,
                    "the compactor of source %s gave up: %s. What it wrote is whole, and the rest waits in Kafka; start it again when the brokers answer"
                            .formatted(archive.source(), cause.getMessage()),
                    cause);
        }
    }

    /** Leaves the group, so that another compactor takes the shards at once. A request under way is not waited for long. */
    @Override
    public void close() {
        stopping.set(true);
        if (!streams.close(leavingWithin(CLOSE_GENTLY))) {
            // A thread hangs in a request to S3; whatever becomes of it, create-only makes it harmless.
            archive.close();
            streams.close(leavingWithin(CLOSE_FIRMLY));
        }
        archive.close();
        directory.close();
        ended.countDown();
    }

    private static CloseOptions leavingWithin(Duration timeout) {
        return CloseOptions.timeout(timeout).withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP);
    }
}
