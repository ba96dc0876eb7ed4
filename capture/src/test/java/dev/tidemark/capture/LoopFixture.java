package dev.tidemark.capture;

import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What parts of the loop work with, and no loop: what blocks is done, and what is posted delivered, when a test says so. */
final class LoopFixture {
    static final int SHARDS = 2;

    final Mailbox mailbox = new Mailbox();
    /** What was given to the connector and is not done yet. */
    final Deque<Runnable> blocking = new ArrayDeque<>();

    final LoopTools tools;
    private long aheadNanos;

    LoopFixture(URI redis) {
        Settings settings = Settings.of(
                        SourceSettings.of("rag", SHARDS),
                        RedisSettings.at(redis),
                        KafkaSettings.singleBroker("127.0.0.1:1"),
                        S3Settings.defaults())
                .with(CaptureFixture.quick());
        tools = new LoopTools(
                settings,
                new CapturedKeys(settings.source()),
                Clock.systemUTC(),
                () -> System.nanoTime() + aheadNanos,
                mailbox,
                new ValuesInFlight(1 << 20),
                blocking::add,
                new CaptureStatus(
                        new CaptureMetrics(new SimpleMeterRegistry(), SHARDS, () -> 0),
                        new CaptureHealth(() -> System.nanoTime() + aheadNanos)));
    }

    /** Of the clock by which anything is waited for. */
    void passes(Duration time) {
        aheadNanos += time.toNanos();
    }

    CaptureMetrics.NodeGauges gauges() {
        return tools.status().metrics().bindNode("node");
    }

    void deliver() {
        try {
            while (mailbox.deliver(5, 100)) {
                Thread.onSpinWait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
