package dev.tidemark.capture;

import static dev.tidemark.capture.CaptureFixture.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.SettableClock;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A real server whose clock is set: claims wait until it shows a time that may be believed, and nothing is in doubt. */
@ExtendWith(SharedKafka.class)
@Execution(ExecutionMode.CONCURRENT) // They mostly wait.
class ClockTest {
    private static final long SECOND_MICROS = 1_000_000;
    private static final int HOUR_SECONDS = 3_600;
    /** Of a node; each of them says it. */
    private static final long WATCHES = 2;
    /** As far ahead as a Redis clock is believed. */
    private static final long BELIEVED_AHEAD_MICROS = 5 * SECOND_MICROS;

    @TempDir
    Path directory;

    private SettableClock clock;
    private CaptureFixture fixture;
    private List<Tidemark> before;
    private List<String> doubts;

    @BeforeEach
    void cover(KafkaBroker kafka) {
        Optional<SettableClock> settable = SettableClock.in(directory);
        assumeTrue(settable.isPresent(), SettableClock.NEEDS);
        clock = settable.get();
        fixture = new CaptureFixture(kafka, clock.startServer(), redis -> redis);
        fixture.startAndCover();
        before = fixture.logged.lastTidemarks();
        doubts = fixture.logged.doubts();
    }

    @AfterEach
    void end() {
        if (fixture != null) {
            fixture.close();
        }
    }

    /** Barriers complete as ever, so that it was set back has to be said: nothing else tells why there are no claims. */
    @Test
    void aClockThatIsSetBackIsWaitedFor() {
        SaidByCapture said = new SaidByCapture();
        fixture.commands.set("before", "1");
        clock.setOffBy(-10);
        assertThat(fixture.redisMicros())
                .isLessThan(fixture.logged.lastTidemarks().get(0).throughMicros());
        fixture.commands.set("meanwhile", "1");
        long beats = beats();
        Await.until(CaptureFixture.SOON, () -> beats() > beats + 6, "barriers before the last claim");
        List<Tidemark> waiting = fixture.logged.lastTidemarks();
        for (int shard = 0; shard < CaptureFixture.SHARDS; shard++) {
            assertThat(waiting.get(shard).throughMicros())
                    .as("claims never go back")
                    .isGreaterThanOrEqualTo(before.get(shard).throughMicros());
        }

        fixture.awaitTidemarksPast(before.get(0).throughMicros() + SECOND_MICROS);

        long claimed = fixture.logged.lastTidemarks().get(0).throughMicros();
        assertThat(fixture.redisMicros()).as("no claim is ahead of the clock").isGreaterThan(claimed);
        Await.until(CaptureFixture.SOON, () -> said.has("event=late-over", "clock of Redis"), "its end is said");
        said.close();
        assertThat(said.count("event=late ", "it was set back")).isOne();
        nothingIsInDoubt("before", "meanwhile");
    }

    @Test
    void aClockThatIsFarAheadForAMomentIsNotBelieved() {
        clock.setOffBy(HOUR_SECONDS);
        fixture.commands.set("meanwhile", "1");
        long ahead = fixture.redisMicros();
        assertThat(ahead).isGreaterThan(before.get(0).throughMicros() + HOUR_SECONDS * SECOND_MICROS / 2);
        // Barriers go on, and say so.
        long beats = beats();
        Await.until(CaptureFixture.SOON, () -> beats() > beats + 6, "barriers under the wrong clock");
        clock.setOffBy(0);
        fixture.commands.set("after", "1");

        fixture.awaitTidemarksPast(fixture.redisMicros());

        assertThat(fixture.logged.lastTidemarks())
                .allMatch(last -> last.throughMicros() < ahead - BELIEVED_AHEAD_MICROS);
        nothingIsInDoubt("meanwhile", "after");
    }

    /** An hour of it would be thousands of lines that all say the same. */
    @Test
    void thatAClockIsFarAheadIsSaidOnceAndSoIsItsEnd() {
        String node = "127.0.0.1:" + fixture.redis.port();
        try (SaidByCapture said = new SaidByCapture()) {
            clock.setOffBy(HOUR_SECONDS);
            long beats = beats();
            Await.until(CaptureFixture.SOON, () -> beats() > beats + 20, "barriers under the wrong clock");
            assertThat(said.count("event=late ", node, "too far ahead")).isBetween(1L, WATCHES);
            assertThat(said.has("event=late-over", node)).isFalse();

            clock.setOffBy(0);
            fixture.awaitTidemarksPast(fixture.redisMicros());

            Await.until(CaptureFixture.SOON, () -> said.has("event=late-over", node), "its end is said");
        }
    }

    /** Of both watchers. */
    private long beats() {
        return fixture.canaries().stream()
                .mapToLong(canary -> Long.parseLong(fixture.commands.hget(canary, "n")))
                .sum();
    }

    private void nothingIsInDoubt(String... keys) {
        assertThat(fixture.logged.doubts()).isEqualTo(doubts);
        assertThat(fixture.logged.lastTidemarks())
                .extracting(Tidemark::base)
                .isEqualTo(before.stream().map(Tidemark::base).toList());
        assertThat(present(fixture.logged.statesBelowTidemarks())).containsExactlyInAnyOrder(keys);
    }
}
