package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class KafkaAwayTest {
    /** Longer than the group's session, so that ownership is lost and won again too; 180 outlasts the producer as well. */
    private static final Duration AWAY = Duration.ofSeconds(Long.getLong("tidemark.kafka-away-seconds", 15));

    private static final Duration BACK_WITHIN = Duration.ofSeconds(60);

    @Test
    void aKafkaThatWasAwayForAWhileIsLatenessAndNoGap() throws Exception {
        try (KafkaBroker kafka = KafkaBroker.start();
                CaptureFixture fixture = new CaptureFixture(kafka);
                SaidByCapture said = new SaidByCapture()) {
            fixture.startAndCover();
            fixture.awaitBothCover();
            List<Tidemark> before = fixture.logged.lastTidemarks();
            List<String> doubts = fixture.logged.doubts();

            kafka.pause();
            fixture.commands.set("while Kafka was away", "1");
            Thread.sleep(AWAY.toMillis());
            String away = "what=\"Kafka at " + kafka.bootstrap();
            Await.until(CaptureFixture.SOON, () -> said.has("event=unreachable", away), "capture to say who is away");
            kafka.resume();
            long back = System.nanoTime();
            fixture.commands.set("after", "1");
            fixture.awaitTidemarksPast(fixture.redisMicros());
            assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(BACK_WITHIN);

            Await.until(CaptureFixture.SOON, () -> said.has("event=reachable", away), "capture to say that it is over");
            assertThat(fixture.logged.doubts()).isEqualTo(doubts);
            assertThat(fixture.logged.lastTidemarks())
                    .extracting(Tidemark::base)
                    .isEqualTo(before.stream().map(Tidemark::base).toList());
            assertThat(present(fixture.logged.statesBelowTidemarks()))
                    .containsExactlyInAnyOrder("while Kafka was away", "after");
        }
    }
}
