package dev.tidemark.capture;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.settings.Settings;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/** A running capture of one source. */
public final class Capture implements AutoCloseable {
    private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(20);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    private final RedisServerLink server;
    private final LogWriter writer;
    private final Ownership ownership;
    private final CaptureLoop loop;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Throwable failure;

    private Capture(Settings settings, Clock clock) {
        LogTopics topics = LogTopics.first(settings.source().name());
        long recordBytesMax = LogWriter.recordBytesMax(settings.capture());
        new TopicSetup(settings.kafka(), topics, settings.source().shards(), recordBytesMax, KAFKA_PATIENCE).ensure();
        this.server = new RedisServerLink(settings.redis(), clock);
        this.writer = new LogWriter(settings.kafka(), settings.capture(), topics);
        this.loop = new CaptureLoop(settings, topics, server, writer, clock);
        // The process for people, the rest because two containers may both be process 1.
        String owner = ManagementFactory.getRuntimeMXBean().getName() + "/" + UUID.randomUUID();
        this.ownership = new Ownership(settings.kafka(), topics, writer, owner, server::timeMicros, loop);
        loop.reclaimThrough(ownership::reclaim);
        this.thread = new Thread(this::run, "tidemark-capture");
    }

    /** Starts; Kafka must answer now, Redis may come later. */
    public static Capture start(Settings settings) {
        Capture capture = new Capture(settings, Clock.systemUTC());
        capture.thread.start();
        capture.ownership.start();
        return capture;
    }

    private void run() {
        try {
            loop.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = e;
            CaptureLog.failed(e);
        } finally {
            ended.countDown();
        }
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
        loop.stop();
        try {
            thread.join(STOP_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ownership.close();
        writer.close();
        server.close();
    }
}
