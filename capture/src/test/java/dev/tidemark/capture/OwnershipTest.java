package dev.tidemark.capture;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who asks a real group for its shards. */
@ExtendWith(SharedKafka.class)
class OwnershipTest {
    private static final int RECORD_BYTES_MAX = 1 << 20;

    private final CountDownLatch claimed = new CountDownLatch(1);

    /** As a certificate is that is being renewed, or a broker's name that nobody resolves just then. */
    @Test
    void whatItsClientsNeedMayBeMissingForAWhile(KafkaBroker kafka, @TempDir Path directory) throws Exception {
        Path file = directory.resolve("client.properties");
        KafkaSettings whole = KafkaSettings.singleBroker(kafka.bootstrap());
        KafkaSettings missing = new KafkaSettings(
                whole.bootstrap(),
                whole.singleCopy(),
                whole.topicsCreate(),
                whole.retention(),
                ClientProperties.of(Map.of(
                        "config.providers", "file",
                        "config.providers.file.class", FileConfigProvider.class.getName(),
                        "client.id", "${file:%s:id}".formatted(file))));
        LogTopics topics = LogTopics.first("owned");
        new TopicSetup(whole, topics, 1, RECORD_BYTES_MAX, CaptureFixture.SOON).ensure();
        CaptureStatus status = new CaptureStatus(
                new CaptureMetrics(new SimpleMeterRegistry(), 1, () -> 0), new CaptureHealth(System::nanoTime));
        try (SaidByCapture said = new SaidByCapture();
                LogWriter writer = new LogWriter(whole, CaptureSettings.defaults(), topics, 1);
                TidemarkFollower follower = new TidemarkFollower(whole, topics, 1, status, new Nobody());
                Ownership ownership = new Ownership(
                        missing, topics, writer, "owner", () -> 1, follower, status, () -> true, new Owner())) {
            follower.start((thread, why) -> {});
            ownership.start((thread, why) -> {});
            Await.until(
                    CaptureFixture.SOON,
                    () -> said.has("event=unreachable", "what=\"consumer group\"", file.toString()),
                    "capture to say what is missing");

            Files.writeString(file, "id=there\n");

            Await.until(CaptureFixture.SOON, () -> claimed.getCount() == 0, "the shard to be claimed");
        }
    }

    private final class Owner implements Ownership.Listener {
        @Override
        public void claimed(int shard, long epoch, Optional<Tidemark> last, long lastMicros, long nextOffset) {
            claimed.countDown();
        }

        @Override
        public void released(int shard) {}

        @Override
        public void alone(boolean now) {}
    }

    private static final class Nobody implements TidemarkFollower.Listener {
        @Override
        public void counted(int shard, Tidemark tidemark) {}

        @Override
        public void heardClaim(int shard, long offset, String owner) {}
    }
}
