package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.oracle.judge.Fault;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PauseTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

    private static RedisServer source;

    @BeforeAll
    static void start() {
        source = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        source.close();
    }

    @Test
    void nothingIsWrittenAnyMoreOncePauseReturns() {
        try (Oracle oracle = open("pause:")) {
            for (int i = 0; i < 50; i++) {
                oracle.resume();
                oracle.awaitWrites(50, LONG_ENOUGH);
                oracle.pause();
                long written = oracle.writes();

                // The check lets every batch that is still under way come to its end.
                Verdict verdict = oracle.check(source.uri(), oracle.now(), Duration.ZERO);

                assertThat(oracle.writes()).isEqualTo(written);
                assertThat(verdict.clean()).as(verdict.toString()).isTrue();
            }
        }
    }

    @Test
    void nothingIsSaidOfATimeStillToCome() {
        try (Oracle oracle = open("future:")) {
            assertThatThrownBy(() -> oracle.check(source.uri(), oracle.now().plusSeconds(60), Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("still to come");
        }
    }

    @Test
    void aStrangersKeyIsExtraUnlessItIsIgnored() {
        try (RedisServer apart = RedisServer.start();
                Oracle oracle = Oracle.open(
                        apart.uri(), OracleOptions.seeded(9).withThreads(1).withPrefix(Key.utf8("")))) {
            QuietCopy.call(apart.uri(), "SET", "tidemark:canary", "x");
            assertThat(oracle.check(apart.uri(), oracle.now(), Duration.ZERO).clean())
                    .isTrue();

            QuietCopy.call(apart.uri(), "SET", "stranger", "x");
            Verdict verdict = oracle.check(apart.uri(), oracle.now(), Duration.ZERO);
            assertThat(verdict.count(Fault.EXTRA)).as(verdict.toString()).isEqualTo(1);
        }
    }

    private static Oracle open(String prefix) {
        return Oracle.open(
                source.uri(), OracleOptions.seeded(9).withKeysPerThread(64).withPrefix(Key.utf8(prefix)));
    }
}
