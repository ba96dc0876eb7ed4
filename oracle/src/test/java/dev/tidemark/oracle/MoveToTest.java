package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A failover: the primary is another server, and the former one may live on and answer. */
class MoveToTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

    @Test
    void writesToTheNewPrimaryAndNoMoreToTheOldOneThatStillAnswers() {
        try (RedisServer old = RedisServer.start();
                RedisServer next =
                        RedisServer.start(RedisServer.Options.defaults().withReplicaOf(old.port()));
                RedisServer restored = RedisServer.start();
                Oracle oracle = Oracle.open(
                        old.uri(), OracleOptions.seeded(43).withThreads(2).withKeysPerThread(300))) {
            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            QuietCopy.call(next.uri(), "REPLICAOF", "NO", "ONE");
            // Only the old one has these; the new one never will.
            oracle.awaitWrites(1_000, LONG_ENOUGH);

            oracle.moveTo(next.uri());
            String writesAtOld = QuietCopy.transactions(old.uri());
            oracle.awaitWrites(1_000, LONG_ENOUGH);
            oracle.pause();

            assertThat(QuietCopy.transactions(old.uri())).isEqualTo(writesAtOld);
            QuietCopy.of(next.uri(), restored.uri());
            assertThat(verdict(oracle, restored).clean())
                    .as(verdict(oracle, restored).toString())
                    .isTrue();
            QuietCopy.of(old.uri(), restored.uri());
            assertThat(verdict(oracle, restored).clean()).isFalse();
        }
    }

    /** It would take writes again later, as the same process with another's data; the judge would find faults that are none. */
    @Test
    void aSourceThatBecomesAReplicaEndsTheOracleLoudly() {
        try (RedisServer source = RedisServer.start();
                RedisServer other = RedisServer.start();
                Oracle oracle = Oracle.open(
                        source.uri(), OracleOptions.seeded(44).withThreads(2).withKeysPerThread(300))) {
            oracle.resume();
            oracle.awaitWrites(1_000, LONG_ENOUGH);

            QuietCopy.call(source.uri(), "REPLICAOF", "127.0.0.1", Integer.toString(other.port()));

            assertThatThrownBy(() -> oracle.awaitWrites(Integer.MAX_VALUE, LONG_ENOUGH))
                    .hasStackTraceContaining("the source became a replica: a failover that nobody planned");
            QuietCopy.call(source.uri(), "REPLICAOF", "NO", "ONE");
            assertThatThrownBy(oracle::resume).hasStackTraceContaining("the source became a replica");
        }
    }

    private static Verdict verdict(Oracle oracle, RedisServer restored) {
        return oracle.check(restored.uri(), oracle.now(), Duration.ZERO);
    }
}
