package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {
    @Test
    void returnsWhenTheConditionComesTrue() {
        AtomicInteger looks = new AtomicInteger();

        Await.until(Duration.ofSeconds(10), () -> looks.incrementAndGet() == 3, "it was looked at three times");

        assertThat(looks).hasValue(3);
    }

    @Test
    void saysWhatWasAwaitedInVain() {
        assertThatThrownBy(() -> Await.until(Duration.ofMillis(20), () -> false, "hell freezes over"))
                .isInstanceOf(Await.TimedOut.class)
                .hasMessageContaining("20 ms")
                .hasMessageContaining("hell freezes over");
    }

    @Test
    void looksOnceEvenWithoutTime() {
        Await.until(Duration.ZERO, () -> true, "what is already so");
    }

    @Test
    void anInterruptEndsTheWaitAndIsPassedOn() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> Await.until(Duration.ofSeconds(10), () -> false, "never"))
                .isInstanceOf(Await.TimedOut.class)
                .hasMessageContaining("interrupted");

        assertThat(Thread.interrupted()).isTrue();
    }
}
