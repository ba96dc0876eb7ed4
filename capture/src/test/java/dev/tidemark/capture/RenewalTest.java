package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.KafkaSettings;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The log forgets, so owners say again and again whose it is. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // It mostly waits.
class RenewalTest {
    private static final Duration RETENTION = Duration.ofSeconds(16);

    @Test
    void anOwnerClaimsAgainEachQuarterOfTheRetentionAndMakesNoGap(CaptureFixture fixture) {
        KafkaSettings kafka = fixture.settings.kafka();
        fixture.settings = fixture.settings.with(new KafkaSettings(
                kafka.bootstrap(), kafka.singleCopy(), kafka.topicsCreate(), RETENTION, kafka.properties()));
        long beganMicros = fixture.redisMicros();
        fixture.startAndCover();
        List<Tidemark> first = fixture.logged.lastTidemarks();
        List<String> doubts = fixture.logged.doubts();

        fixture.commands.set("between", "1");
        awaitHigherEpochs(fixture, first);
        List<Tidemark> second = fixture.logged.lastTidemarks();
        awaitHigherEpochs(fixture, second);

        long seenMicros = fixture.redisMicros();
        List<Tidemark> third = fixture.logged.lastTidemarks();

        assertThat(seenMicros - beganMicros)
                .as("no more often than each quarter")
                .isGreaterThan(RETENTION.dividedBy(2).toNanos() / 1_000);
        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        assertThat(third)
                .extracting(Tidemark::base)
                .isEqualTo(first.stream().map(Tidemark::base).toList());
        assertThat(CaptureFixture.present(fixture.logged.statesBelowTidemarks()))
                .containsExactly("between");
    }

    private static void awaitHigherEpochs(CaptureFixture fixture, List<Tidemark> than) {
        Await.until(
                CaptureFixture.SOON,
                () -> {
                    List<Tidemark> now = fixture.logged.lastTidemarks();
                    return now.get(0).epoch() > than.get(0).epoch()
                            && now.get(1).epoch() > than.get(1).epoch();
                },
                "each shard is claimed again");
    }
}
