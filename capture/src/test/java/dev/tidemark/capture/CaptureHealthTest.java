package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.capture.proof.DoubtCause;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CaptureHealthTest {
    private final AtomicLong nanos = new AtomicLong();
    private final CaptureHealth health = new CaptureHealth(nanos::get);

    @Test
    void aCaptureThatKnowsNobodyYetIsAliveAndNotReady() {
        assertThat(health.health().isAlive()).isTrue();
        assertThat(health.health().unready())
                .containsExactly("Kafka's group has not taken this capture in", "no node of Redis is known yet");
    }

    @Test
    void aStandbyIsReady() {
        health.grouped(true);
        health.watched("n:1", true);

        assertThat(health.health().isReady()).isTrue();
    }

    @Test
    void everyReasonIsToldAndGoesWhenItIsCured() {
        health.grouped(true);
        health.watched("n:1", true);
        health.watched("n:2", false);
        health.doubted(3, DoubtCause.DATASET_REPLACED);
        health.unclaimed(5);
        health.clockSetBack(true);

        assertThat(health.health().unready())
                .containsExactly(
                        "node n:2 is not watched",
                        "Redis's clock was set back, and nothing is claimed until it has passed the last claim",
                        "shard 5 could not be claimed; the log says why",
                        "shard 3 is in doubt (dataset_replaced) until it is resynced");
        health.gone("n:2");
        health.notUnclaimed(5);
        health.clockSetBack(false);
        health.cured(3);
        assertThat(health.health().isReady()).isTrue();
    }

    /** Of a full server, a clock far ahead, or whatever else makes claims wait: then nothing new is protected. */
    @Test
    void aNodeWhoseBarriersAreAllRefusedIsNoReadiness() {
        health.grouped(true);
        health.watched("n:1", true);
        health.proven("n:1");

        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        health.watched("n:1", true);
        assertThat(health.health().unready())
                .containsExactly("no barrier on node n:1 has been complete for more than 60 s; the log says why");

        health.proven("n:1");
        assertThat(health.health().isReady()).isTrue();
        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        health.watched("n:1", false);
        assertThat(health.health().unready()).containsExactly("node n:1 is not watched");
    }

    @Test
    void aLoopThatDoesNotComeRoundIsDead() {
        nanos.addAndGet(Duration.ofMinutes(3).toNanos());
        assertThat(health.health().isAlive()).isFalse();

        health.turned();
        assertThat(health.health().isAlive()).isTrue();
        health.failed();
        assertThat(health.health().dead()).containsExactly("capture has failed; the log says why");
    }
}
