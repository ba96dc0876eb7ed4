package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.Await;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A thread beside the loop meets what no try catches, as where a jar is replaced under a process that runs. */
@ExtendWith(SharedKafka.class)
class EndedThreadTest {
    @Test
    void captureDoesNotOutliveAThreadOfIts(CaptureFixture fixture) throws Exception {
        Capture capture = fixture.startCapture(new Fatal());
        fixture.awaitTidemarksPast(fixture.redisMicros());

        try (KafkaProducer<byte[], byte[]> stranger = new KafkaProducer<>(
                Map.of("bootstrap.servers", fixture.settings.kafka().bootstrap()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            stranger.send(new ProducerRecord<>(fixture.topics.tidemarks(), 0, null, new byte[] {1, 2, 3}))
                    .get();
        }

        Await.until(CaptureFixture.SOON, () -> !capture.health().isAlive(), "capture to say that it is dead");
        assertThatThrownBy(capture::await).isInstanceOf(TidemarkError.class).hasMessageContaining("as if");
    }

    /** Which counts that a record cannot be read. */
    private static final class Fatal extends SimpleMeterRegistry {
        @Override
        protected Counter newCounter(Meter.Id id) {
            if (!"log_refused".equals(id.getTag("cause"))) {
                return super.newCounter(id);
            }
            return new CumulativeCounter(id) {
                @Override
                public void increment(double amount) {
                    throw new NoClassDefFoundError("as if");
                }
            };
        }
    }
}
