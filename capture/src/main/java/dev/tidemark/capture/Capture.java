package dev.tidemark.capture;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.health.Health;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A running capture of one source. */
public final class Capture implements AutoCloseable {
    private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(20);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(5);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    private final RedisServers servers;
    private final LogWriter writer;
    private final Archive archive;
    private final LargeValues largeValues;
    private final CaptureHealth health = new CaptureHealth(System::nanoTime);
    private final TidemarkFollower follower;
    private final Ownership ownership;
    private final CaptureLoop loop;
    private final Thread thread;
    /** Everything that blocks on a network; each node waits for a few of these at most. */
    private final ExecutorService connector = Executors.newCachedThreadPool(task -> {
        Thread daemon = new Thread(task, "tidemark-connect");
        daemon.setDaemon(true);
        daemon.setUncaughtExceptionHandler((one, why) -> failed(why));
        return daemon;
    });

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Throwable failure;

    private Capture(Settings settings, Clock clock, MeterRegistry registry) {
        // Before topics are created.
        Archive.requireNativeCode();
        LogTopics topics = LogTopics.first(settings.source().name());
        int shards = settings.source().shards();
        long recordBytesMax = LogWriter.recordBytesMax(settings.capture());
        new TopicSetup(settings.kafka(), topics, shards, recordBytesMax, KAFKA_PATIENCE).ensure();
        CaptureStatus status =
                new CaptureStatus(new CaptureMetrics(registry, shards, () -> clock.millis() * 1_000), health);
        LoopTools tools = new LoopTools(
                settings,
                new CapturedKeys(settings.source()),
                clock,
                System::nanoTime,
                new Mailbox(),
                new ValuesInFlight(settings.capture().bytesInFlightMax()),
                connector,
                status);
        this.servers = new RedisServers(settings.redis(), clock);
        this.writer = new LogWriter(
                settings.kafka(), settings.capture(), topics, settings.source().shards());
        this.archive = Archive.open(settings.s3(), settings.source().name());
        this.largeValues = new LargeValues(settings.redis(), settings.capture(), archive);
        this.loop = new CaptureLoop(tools, topics, servers, writer, largeValues, this::claimAnew);
        this.follower = new TidemarkFollower(settings.kafka(), topics, shards, status, new WhatTheLogSays());
        // The process for people, the rest because two containers may both be process 1.
        String owner = ManagementFactory.getRuntimeMXBean().getName() + "/" + UUID.randomUUID();
        Topology topology = Topology.of(settings.redis(), servers);
        this.ownership = new Ownership(
                settings.kafka(),
                topics,
                writer,
                owner,
                () -> servers.at(topology.primaries().get(0).address()).timeMicros(),
                follower,
                status,
                loop::covering,
                loop);
        this.thread = new Thread(this::run, "tidemark-capture");
    }

    private final class WhatTheLogSays implements TidemarkFollower.Listener {
        @Override
        public void counted(int shard, Tidemark tidemark) {
            loop.counted(shard, tidemark);
        }

        @Override
        public void heardClaim(int shard, long offset, String owner) {
            ownership.heardClaim(shard, offset, owner);
        }
    }

    private void claimAnew(int shard) {
        ownership.reclaim(shard);
    }

    /** Starts; Kafka must answer now, Redis may come later. */
    public static Capture start(Settings settings) {
        return start(settings, new SimpleMeterRegistry());
    }

    /** The same, and counts what it does. */
    public static Capture start(Settings settings, MeterRegistry registry) {
        Capture capture = new Capture(settings, Clock.systemUTC(), registry);
        capture.thread.start();
        capture.follower.start((one, why) -> capture.failed(why));
        capture.ownership.start((one, why) -> capture.failed(why));
        return capture;
    }

    private void run() {
        try {
            loop.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failed(e);
        } finally {
            ended.countDown();
        }
    }

    /** What ended one thread: nobody does what it was there for, and the others would wait for it for ever. */
    private void failed(Throwable why) {
        failure = why;
        health.failed();
        CaptureLog.failed(why);
        ended.countDown();
    }

    /** Whether it lives and does its work; for any thread. */
    public Health health() {
        return health.health();
    }

    /** Waits until it is closed, or fails. */
    public void await() throws InterruptedException {
        ended.await();
        if (failure != null) {
            throw new TidemarkError(
                    ExitCode.UNEXPECTED,
                    "capture stopped: " + failure + ". What is in the log is safe; start it again and it resyncs",
                    failure);
        }
    }

    @Override
    public void close() {
        loop.stop(DRAIN_PATIENCE);
        try {
            thread.join(STOP_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ownership.close();
        follower.close();
        writer.close();
        largeValues.close();
        archive.close();
        connector.shutdownNow();
        servers.close();
    }
}
