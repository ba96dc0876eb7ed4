package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.oracle.judge.Fault;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A restore is right for the instants it was true at, and for no others. */
class LagTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

    @Test
    void acceptsASnapshotWithinTheLagAndRefusesItTenSecondsLater() {
        try (RedisServer source = RedisServer.start();
                RedisServer restored = RedisServer.start();
                Oracle oracle = Oracle.open(
                        source.uri(),
                        OracleOptions.seeded(5)
                                .withThreads(2)
                                .withKeysPerThread(200)
                                .withOpsPerSecondMax(1_000))) {
            oracle.resume();
            oracle.awaitWrites(2_000, LONG_ENOUGH);
            oracle.pause();
            Instant lastWrite = oracle.lastWriteAt();
            Instant taken = oracle.now();
            QuietCopy.of(source.uri(), restored.uri());
            oracle.resume();
            Instant later = taken.plusSeconds(10);
            Await.until(LONG_ENOUGH, () -> oracle.now().isAfter(later), "ten seconds of writes have passed");

            assertRight(oracle.check(restored.uri(), taken, Duration.ZERO));
            assertRight(oracle.check(restored.uri(), taken.plusMillis(900), Duration.ofSeconds(1)));
            assertRight(oracle.check(restored.uri(), later, Duration.ofSeconds(11)));
            Verdict late = oracle.check(restored.uri(), later, Duration.ofSeconds(1));
            assertThat(late.clean()).isFalse();
            assertThat(late.faults()).as(late.toString()).containsKeys(Fault.STALE, Fault.MISSING);
            Verdict early = oracle.check(restored.uri(), lastWrite.minusSeconds(1), Duration.ZERO);
            assertThat(early.clean()).as("a restore ahead of its time").isFalse();
        }
    }

    @Test
    void refusesAWindowItRemembersOnlyInPart() {
        try (RedisServer source = RedisServer.start();
                Oracle oracle = Oracle.open(
                        source.uri(),
                        OracleOptions.seeded(6)
                                .withThreads(1)
                                .withKeysPerThread(64)
                                .withHistoryEntriesMax(64 * 4))) {
            Instant opened = oracle.now();
            oracle.resume();
            oracle.awaitWrites(3_000, LONG_ENOUGH);
            oracle.pause();

            assertThatThrownBy(() -> oracle.check(source.uri(), opened, Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("historyEntriesMax");
            assertRight(oracle.check(source.uri(), oracle.now(), Duration.ZERO));
        }
    }

    @Test
    void picksInstantsBetweenTheTwoGiven() {
        Instant from = Instant.parse("2026-11-20T14:00:00Z");
        Instant to = from.plusNanos(3_000);
        Random random = new Random(1);

        for (int i = 0; i < 100; i++) {
            assertThat(Oracle.randomInstant(random, from, to)).isBetween(from, to);
        }
    }

    private static void assertRight(Verdict verdict) {
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        assertThat(verdict.undecided()).isZero();
    }
}
