package dev.tidemark.compactor;

import dev.tidemark.archive.Archive;
import dev.tidemark.compactor.baseline.BaselineSchedule;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.health.Health;
import dev.tidemark.schemas.kafka.LogIdentity;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.settings.Settings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
    private final LogIdentity identity;
    private final StreamsDirectory directory;
    private final KafkaStreams streams;
    private final ShardBoard board;
    private final CompactorMetrics metrics;
    private final KafkaProbe probe;
    private final Rolling rolling;
    private final BaselineSchedule baselines;
    private final DrillGauges drills;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    private Compactor(
            Settings settings, LogTopics topics, Archive archive, LogIdentity identity, MeterRegistry registry) {
        this.settings = settings;
        this.topics = topics;
        this.archive = archive;
        this.identity = identity;
        this.board = new ShardBoard(registry, Clock.systemUTC(), System::nanoTime);
        this.metrics = new CompactorMetrics(registry, settings.source().shards());
        this.directory = StreamsDirectory.in(settings.compactor().stateDir());
        this.streams = new KafkaStreams(topology(), StreamsProperties.of(settings, directory.path()));
        ThreadReplacements replacements = new ThreadReplacements(System::nanoTime);
        streams.setUncaughtExceptionHandler(e -> onThreadDeath(e, replacements));
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                ended.countDown();
            }
        });
        this.probe = new KafkaProbe(settings.kafka());
        this.rolling = new Rolling(roller(registry), this::hasFirstShard);
        this.baselines = BaselineSchedule.of(settings, archive, Clock.systemUTC(), registry);
        this.drills = new DrillGauges(archive, Clock.systemUTC(), registry);
        Gauge.builder("tidemark.compactor.kafka.answers", probe, it -> it.isAnswering() ? 1 : 0)
                .register(registry);
    }

    /** Starts where nobody measures. */
    public static Compactor start(Settings settings) {
        return start(settings, new CompositeMeterRegistry(), health -> {});
    }

    /**
     * Checks what everything rests on, then works until it is closed. A store that does not answer is waited for.
     *
     * @param meanwhile is told how it stands while it waits
     */
    public static Compactor start(Settings settings, MeterRegistry registry, Consumer<Health> meanwhile) {
        LogTopics topics = LogTopics.first(settings.source().name());
        Archive archive = Archive.open(settings.s3(), settings.source().name());
        try {
            TopicIds ids =
                    new AwaitedStore(archive.uri(), meanwhile).answerTo(() -> claimLog(settings, topics, archive));
            return started(settings, topics, archive, ids, registry);
        } catch (RuntimeException e) {
            archive.close();
            throw e;
        }
    }

    /** From the beginning whenever the store fell silent: ids that were asked for before may be of topics that are gone. */
    private static TopicIds claimLog(Settings settings, LogTopics topics, Archive archive) {
        archive.probeCreateOnly();
        TopicIds ids = idsOf(settings, topics);
        archive.logGenerations().claim(topics.generation(), ids);
        return ids;
    }

    private static Compactor started(
            Settings settings, LogTopics topics, Archive archive, TopicIds ids, MeterRegistry registry) {
        LogIdentity identity = new LogIdentity(settings.kafka(), topics, ids, PATIENCE);
        try {
            Compactor compactor = new Compactor(settings, topics, archive, identity, registry);
            compactor.probe.start();
            compactor.streams.start();
            compactor.rolling.start();
            compactor.baselines.start();
            compactor.drills.start();
            return compactor;
        } catch (RuntimeException e) {
            identity.close();
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

    private HourRoller roller(MeterRegistry registry) {
        Clock clock = Clock.systemUTC();
        PartRoller parts = new PartRoller(
                archive,
                topics.generation(),
                directory.path(),
                settings.compactor().sortBytesMax(),
                settings.compactor().columns().fields(),
                stopping::get);
        return new HourRoller(parts, settings.source().shards(), clock, new RollingMetrics(registry, clock));
    }

    private boolean hasFirstShard() {
        return board.all().stream().anyMatch(shard -> shard.shard() == 0);
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
                identity::requireSame,
                settings.compactor(),
                stopping::get,
                System::nanoTime,
                metrics);
    }

    private StreamThreadExceptionResponse onThreadDeath(Throwable e, ThreadReplacements replacements) {
        LOG.error("event=stream-thread-died source={} reason=\"{}\"", archive.source(), e.getMessage(), e);
        if (replacements.isOneMoreAllowed()) {
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        failure.compareAndSet(null, e);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** The shards that this process works on, by number. */
    public List<ShardStatus> shards() {
        return board.all();
    }

    /** Whether it lives and does its work, by what is known at this moment; nobody is asked. */
    public Health health() {
        List<String> dead = new ArrayList<>();
        List<String> unready = new ArrayList<>();
        KafkaStreams.State state = streams.state();
        if (state == KafkaStreams.State.CREATED || state == KafkaStreams.State.REBALANCING) {
            unready.add("the compactors of this source are being told which shards are theirs");
        } else if (state != KafkaStreams.State.RUNNING) {
            dead.add("the stream threads have ended: " + state);
        }
        board.stuckFor(StreamsProperties.POLL_MAX)
                .forEach(shard -> dead.add("the thread of shard %d has hung for more than %d m"
                        .formatted(shard, StreamsProperties.POLL_MAX.toMinutes())));
        if (!probe.isAnswering()) {
            unready.add("Kafka does not answer");
        }
        for (ShardStatus shard : board.all()) {
            if (shard.state() != ShardStatus.State.FOLLOWING) {
                unready.add("shard %d is %s: %s"
                        .formatted(shard.shard(), shard.state().name().toLowerCase(Locale.ROOT), shard.reason()));
            }
        }
        return new Health(dead, unready);
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
        rolling.close();
        baselines.close();
        drills.close();
        if (!streams.close(leavingWithin(CLOSE_GENTLY))) {
            // A thread hangs in a request to S3; whatever becomes of it, create-only makes it harmless.
            archive.close();
            streams.close(leavingWithin(CLOSE_FIRMLY));
        }
        probe.close();
        identity.close();
        archive.close();
        directory.close();
        ended.countDown();
    }

    private static CloseOptions leavingWithin(Duration timeout) {
        return CloseOptions.timeout(timeout).withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP);
    }
}
