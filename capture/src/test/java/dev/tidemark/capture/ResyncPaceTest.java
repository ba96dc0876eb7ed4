package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.CaptureSettings;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ResyncPaceTest {
    private static final CaptureSettings SETTINGS = CaptureSettings.defaults();

    private final ResyncPace pace = new ResyncPace(SETTINGS, 0);

    @Test
    void smallKeysAreHeldBackByTheirNumber() {
        pace.took(2 * SETTINGS.resyncKeysPerSecond(), 1);

        assertThat(pace.allows(seconds(1))).isFalse();
        assertThat(pace.allows(seconds(2))).isTrue();
    }

    @Test
    void largeKeysAreHeldBackByTheirBytes() {
        pace.took(100, SETTINGS.resyncBytesPerSecond() / 10);

        assertThat(pace.allows(seconds(9))).isFalse();
        assertThat(pace.allows(seconds(10))).isTrue();
    }

    @Test
    void theEndIsExpectedAtThePaceSoFar() {
        assertThat(pace.secondsLeft(0, 100, seconds(5))).isEmpty();
        assertThat(pace.secondsLeft(25, 100, seconds(5))).isEqualTo(OptionalLong.of(15));
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
