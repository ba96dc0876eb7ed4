package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.FaultProxy;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections break in the middle of writes; no false alarm follows, and no blindness. */
class LostAnswersTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);
    private static final int THREADS = 3;
    private static final int CUTS = 20;

    private RedisServer source;
    private RedisServer restored;
    private FaultProxy proxy;

    @BeforeEach
    void start() {
        source = RedisServer.start();
        restored = RedisServer.start();
        proxy = FaultProxy.before(source);
    }

    @AfterEach
    void stop() {
        proxy.close();
        source.close();
        restored.close();
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void survivesCutsInTheMiddleOfWrites(WriteMode mode) {
        try (Oracle oracle = open(mode)) {
            oracle.resume();
            for (int i = 0; i < CUTS; i++) {
                oracle.awaitWrites(300, LONG_ENOUGH);
                proxy.cut();
            }
            oracle.awaitWrites(300, LONG_ENOUGH);
            oracle.pause();

            assertRightNow(oracle);
            assertThat(proxy.accepted()).as("connections made anew").isGreaterThan(CUTS);
            // The lost connections were killed before anything was read: rarely would one have written on otherwise.
            assertThat(QuietCopy.call(source.uri(), "INFO", "commandstats").text())
                    .contains("cmdstat_client|kill:calls=");
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void survivesBytesThatArriveLongAfterTheConnectionWasGivenUp(WriteMode mode) {
        try (Oracle oracle = open(mode)) {
            oracle.resume();
            for (int i = 0; i < 3; i++) {
                oracle.awaitWrites(300, LONG_ENOUGH);
                long before = proxy.accepted();
                proxy.blackHole();
                Await.until(LONG_ENOUGH, () -> proxy.accepted() >= before + THREADS, "all threads have given up");
                proxy.heal();
            }
            oracle.awaitWrites(300, LONG_ENOUGH);
            oracle.pause();

            assertRightNow(oracle);
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void survivesAServerThatStandsStill(WriteMode mode) {
        try (Oracle oracle = open(mode)) {
            oracle.resume();
            oracle.awaitWrites(300, LONG_ENOUGH);
            long before = proxy.accepted();
            source.pause();
            Await.until(LONG_ENOUGH, () -> proxy.accepted() >= before + THREADS, "all threads have given up");
            source.resume();
            oracle.awaitWrites(300, LONG_ENOUGH);
            oracle.pause();

            assertRightNow(oracle);
        }
    }

    /** Whatever was in flight stays open for ever, and is said to be; the rest is judged as always. */
    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void judgesAfterTheSourceIsGoneForGood(WriteMode mode) {
        try (Oracle oracle = open(mode)) {
            oracle.resume();
            oracle.awaitWrites(2_000, LONG_ENOUGH);
            oracle.pause();
            Instant quiet = oracle.now();
            QuietCopy.of(source.uri(), restored.uri());
            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            source.kill();

            Verdict verdict = oracle.check(restored.uri(), quiet, Duration.ZERO);

            assertThat(verdict.clean()).as(verdict.toString()).isTrue();
            assertThat(verdict.undecided()).as(verdict.toString()).isZero();
            assertThat(oracle.check(restored.uri(), oracle.lastWriteAt(), Duration.ZERO)
                            .clean())
                    .as("the copy, for a later time")
                    .isFalse();
        }
    }

    private Oracle open(WriteMode mode) {
        OracleOptions options = OracleOptions.seeded(21)
                .withThreads(THREADS)
                .withKeysPerThread(300)
                .withReplyTimeout(Duration.ofMillis(700));
        return Oracle.open(proxy.uri("redis"), mode == WriteMode.PLAIN ? options.plain() : options);
    }

    /** Right as it is; and wrong, by so many, for a copy that lacks everything. */
    private void assertRightNow(Oracle oracle) {
        QuietCopy.of(source.uri(), restored.uri());
        Instant quiet = oracle.now();
        Verdict verdict = oracle.check(restored.uri(), quiet, Duration.ZERO);
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        assertThat(verdict.undecided()).isZero();

        QuietCopy.call(restored.uri(), "FLUSHALL");
        assertThat(oracle.check(restored.uri(), quiet, Duration.ZERO).clean()).isFalse();
    }
}
