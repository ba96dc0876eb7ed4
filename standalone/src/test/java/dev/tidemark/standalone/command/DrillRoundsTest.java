package dev.tidemark.standalone.command;

import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisServer;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DrillRoundsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** In {@code tidemark up} the end of the drills would be the end of everything else, and look like one that was wanted. */
    @Test
    void aDrillThatLacksMemoryIsFollowedByAnother() throws InterruptedException {
        AtomicInteger drills = new AtomicInteger();
        PrintWriter lacksMemoryAtFirst = new PrintWriter(Writer.nullWriter()) {
            @Override
            public void println(String line) {
                if (drills.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("as if");
                }
            }
        };
        DrillRounds rounds = new DrillRounds(tidemark(), nobodyAnswers(), wish(), lacksMemoryAtFirst);
        Thread drilling = new Thread(() -> repeat(rounds));
        drilling.start();
        try {
            Await.until(LIMIT, () -> drills.get() > 1, "another drill");
        } finally {
            drilling.interrupt();
            drilling.join();
        }
    }

    private static void repeat(DrillRounds rounds) {
        try {
            rounds.repeat(Duration.ofMillis(1));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static DrillRounds.Wish wish() {
        return new DrillRounds.Wish(DrillRounds.RANDOM, RedisServer.Options.defaults(), "text_embedding", false);
    }

    private static Settings nobodyAnswers() {
        return Settings.of(
                SourceSettings.of("rag", 2),
                RedisSettings.at(URI.create("redis://127.0.0.1:1")),
                KafkaSettings.singleBroker("127.0.0.1:1"),
                S3Settings.at(URI.create("http://127.0.0.1:" + FreePort.next()), "bucket", "key", Secret.of("secret")));
    }

    private static TidemarkCommand tidemark() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Invocation invocation =
                new Invocation(nowhere, nowhere, Optional.empty(), Map.of(), Path.of(""), Clock.systemUTC());
        return TidemarkCommand.describe(invocation).getCommand();
    }
}
