package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.judge.Fault;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The source's data is replaced under the oracle, which goes on from what is there. */
class RebaseTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

    private RedisServer source;
    private RedisServer restored;

    @BeforeEach
    void start() {
        source = RedisServer.start();
        restored = RedisServer.start();
    }

    @AfterEach
    void stop() {
        source.close();
        restored.close();
    }

    @Test
    void goesOnAfterARestartThatLostEverything() {
        try (Oracle oracle = open()) {
            Instant first = writeAndCopy(oracle);
            oracle.resume();
            oracle.awaitWrites(500, LONG_ENOUGH);
            source.kill();
            source.restart(false);
            oracle.pause();
            oracle.rebase();

            assertRight(oracle.check(restored.uri(), first, Duration.ZERO));
            Verdict asIfNothingWere = oracle.check(restored.uri(), oracle.now(), Duration.ZERO);
            assertThat(asIfNothingWere.count(Fault.EXTRA))
                    .as(asIfNothingWere.toString())
                    .isPositive();
            assertThat(asIfNothingWere.undecided()).isZero();
            assertRightNow(oracle);

            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            oracle.pause();
            assertRightNow(oracle);
        }
    }

    @Test
    void goesOnAfterARestartWithOlderData() {
        try (Oracle oracle = open()) {
            Instant first = writeAndCopy(oracle);
            QuietCopy.call(source.uri(), "SAVE");
            oracle.resume();
            oracle.awaitWrites(500, LONG_ENOUGH);
            source.kill();
            source.restart(true);
            oracle.pause();
            oracle.rebase();

            assertRight(oracle.check(restored.uri(), first, Duration.ZERO));
            // What was saved came back, so the copy is right again, but for what expired before anybody looked.
            Verdict again = oracle.check(restored.uri(), oracle.now(), Duration.ZERO);
            assertThat(again.clean()).as(again.toString()).isTrue();
            assertRightNow(oracle);

            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            oracle.pause();
            assertRightNow(oracle);
        }
    }

    @Test
    void goesOnAfterAFlush() {
        try (Oracle oracle = open()) {
            Instant first = writeAndCopy(oracle);
            QuietCopy.call(source.uri(), "FLUSHALL");
            oracle.rebase();

            assertRight(oracle.check(restored.uri(), first, Duration.ZERO));
            assertThat(oracle.check(restored.uri(), oracle.now(), Duration.ZERO).clean())
                    .isFalse();
            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            oracle.pause();
            assertRightNow(oracle);
        }
    }

    @Test
    void waitsForSomebodyToSayThatTheDataWasReplaced() {
        try (Oracle oracle = open()) {
            writeAndCopy(oracle);
            oracle.resume();
            oracle.awaitWrites(500, LONG_ENOUGH);
            source.kill();
            source.restart(false);
            oracle.pause();

            // Nobody has written to the new process yet: its emptiness is not the oracle's doing.
            assertThat(QuietCopy.states(source.uri(), OracleOptions.seeded(0).prefix()))
                    .isEmpty();
            oracle.rebase();
            assertRightNow(oracle);
        }
    }

    private Oracle open() {
        return Oracle.open(
                source.uri(),
                OracleOptions.seeded(31).withThreads(2).withKeysPerThread(300).withReplyTimeout(Duration.ofSeconds(2)));
    }

    private Instant writeAndCopy(Oracle oracle) {
        oracle.resume();
        oracle.awaitWrites(2_000, LONG_ENOUGH);
        oracle.pause();
        QuietCopy.of(source.uri(), restored.uri());
        return oracle.now();
    }

    private void assertRightNow(Oracle oracle) {
        QuietCopy.of(source.uri(), restored.uri());
        assertRight(oracle.check(restored.uri(), oracle.now(), Duration.ZERO));
    }

    private static void assertRight(Verdict verdict) {
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        assertThat(verdict.undecided()).isZero();
    }
}
