package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.kafka.LogTopics;
import dev.tidemark.schemas.kafka.TopicSetup;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.CaptureSettings;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.servers.KafkaBroker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who follows a real log. */
@ExtendWith(SharedKafka.class)
class TidemarkFollowerTest {
    private static final int RECORD_BYTES_MAX = 1 << 20;

    private final BlockingQueue<String> claimants = new LinkedBlockingQueue<>();

    @Test
    void aRecordThatNobodyCanReadDoesNotStopWhoReadsBackPastIt(KafkaBroker kafka) throws Exception {
        KafkaSettings settings = KafkaSettings.singleBroker(kafka.bootstrap());
        LogTopics topics = LogTopics.first("followed");
        new TopicSetup(settings, topics, 1, RECORD_BYTES_MAX, CaptureFixture.SOON).ensure();
        try (LogWriter writer = new LogWriter(settings, CaptureSettings.defaults(), topics, 1);
                KafkaProducer<byte[], byte[]> stranger = new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            claim(writer, "before");
            stranger.send(new ProducerRecord<>(topics.tidemarks(), 0, null, new byte[] {1, 2, 3}))
                    .get();
            try (TidemarkFollower follower = new TidemarkFollower(settings, topics, 1, status(), new Claims())) {
                follower.start((thread, why) -> {});
                assertThat(claimants.poll(CaptureFixture.SOON.toSeconds(), TimeUnit.SECONDS))
                        .as("what was read back")
                        .isEmpty();
                claim(writer, "after");

                assertThat(follower.lastBelow(0, 2)).as("a tidemark").isEmpty();
                assertThat(claimants.poll(CaptureFixture.SOON.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo("after");
            }
        }
    }

    private static void claim(LogWriter writer, String owner) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        writer.control(0, new ControlRecord.Claim(owner), (metadata, failure) -> done.countDown());
        assertThat(done.await(CaptureFixture.SOON.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    private static CaptureStatus status() {
        return new CaptureStatus(
                new CaptureMetrics(new SimpleMeterRegistry(), 1, () -> 0), new CaptureHealth(System::nanoTime));
    }

    private final class Claims implements TidemarkFollower.Listener {
        @Override
        public void counted(int shard, Tidemark tidemark) {}

        @Override
        public void heardClaim(int shard, long offset, String owner) {
            claimants.add(owner);
        }
    }
}
