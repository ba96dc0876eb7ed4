package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.CaptureSettings;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** I11: values on their way to the log take no more than their bound, however many come at once. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // It mostly waits.
class BytesInFlightTest {
    private static final int BYTES_MAX = 4 << 20;
    private static final int VALUE_BYTES = 600_000;
    private static final int KEYS = 60;

    @Test
    void manyLargeValuesAtOnceAreReadWithinTheBound(CaptureFixture fixture) throws InterruptedException {
        fixture.settings = fixture.settings.with(holding(BYTES_MAX));
        byte[] value = new byte[VALUE_BYTES];
        new Random(11).nextBytes(value);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        AtomicLong most = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        fixture.startCapture(registry);
        fixture.awaitTidemarksPast(fixture.redisMicros());
        Thread sampler = new Thread(() -> {
            while (!done.get()) {
                most.accumulateAndGet(
                        (long) registry.get("tidemark.capture.bytes.in.flight")
                                .gauge()
                                .value(),
                        Math::max);
                java.util.concurrent.locks.LockSupport.parkNanos(200_000);
            }
        });
        sampler.start();

        try (StatefulRedisConnection<byte[], byte[]> binary = fixture.client.connect(ByteArrayCodec.INSTANCE)) {
            // In one piece, so that all are open before the first is read.
            binary.sync().multi();
            for (int i = 0; i < KEYS; i++) {
                binary.sync().set(("large:" + i).getBytes(StandardCharsets.US_ASCII), value);
            }
            binary.sync().exec();
        }
        fixture.awaitTidemarksPast(fixture.redisMicros());
        done.set(true);
        sampler.join();

        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .hasSize(KEYS);
        assertThat(most.get())
                .as("several at once, and one more than the bound at most")
                .isBetween(2L * VALUE_BYTES, BYTES_MAX + VALUE_BYTES + 1_000L);
    }

    private static CaptureSettings holding(int bytesMax) {
        CaptureSettings quick = CaptureFixture.quick();
        return new CaptureSettings(
                quick.barrierInterval(),
                quick.openBytesMax(),
                quick.readsInFlightMax(),
                bytesMax,
                quick.inlineBytesMax(),
                quick.spoolDir(),
                quick.blobBytesPerSecond(),
                quick.resyncKeysPerSecond(),
                quick.resyncBytesPerSecond(),
                quick.resyncInterval());
    }
}
