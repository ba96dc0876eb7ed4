package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.Operation;
import dev.tidemark.oracle.judge.Tally;
import dev.tidemark.oracle.judge.ValueType;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.BundledRedis;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation is written, copied and checked. */
class OperationsTest {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);
    private static final int ROUNDS_MAX = 40;

    @Test
    void everyObservedOperationIsTheLastWordOnSomeCheckedKey() {
        try (RedisServer source = RedisServer.start();
                RedisServer restored = RedisServer.start()) {
            Tally tally = checkRounds(source, restored, OracleOptions.seeded(1), Operation.observed());

            tally.requireAll(Operation.observed());
            assertThat(tally.toString()).contains("HSET_CHUNK").contains("0 wrong");
            for (ValueType type : EnumSet.range(ValueType.ABSENT, ValueType.STREAM)) {
                assertThat(tally.count(type)).as(type.toString()).isPositive();
            }
        }
    }

    @Test
    void everyPlainOperationIsTheLastWordOnSomeCheckedKey() {
        try (RedisServer source = RedisServer.start();
                RedisServer restored = RedisServer.start()) {
            OracleOptions options = OracleOptions.seeded(2).plain();

            Tally tally = checkRounds(source, restored, options, Operation.plain());

            tally.requireAll(Operation.plain());
        }
    }

    @Test
    void theEmptyPrefixTakesInEveryKeyButTheReservedOnes() {
        try (RedisServer source = RedisServer.start();
                RedisServer restored = RedisServer.start()) {
            QuietCopy.call(source.uri(), "SET", "was there before", "x");
            QuietCopy.call(source.uri(), "SET", "tidemark:canary", "x");
            OracleOptions options = OracleOptions.seeded(3)
                    .withPrefix(Key.utf8(""))
                    .withKeysPerThread(200)
                    .withoutBigValues();

            Tally tally = checkRounds(source, restored, options, Set.of(Operation.FOUND, Operation.HSET_CHUNK));

            assertThat(tally.count(Operation.FOUND)).isPositive();
        }
    }

    @Test
    void anOlderRedisIsWrittenWithWhatItKnows() {
        RedisServer.Options bundled = RedisServer.Options.defaults()
                .withBinary(BundledRedis.extract().orElseThrow().path());
        try (RedisServer source = RedisServer.start(bundled);
                RedisServer restored = RedisServer.start(bundled)) {
            OracleOptions options = OracleOptions.seeded(4).withKeysPerThread(400);

            Tally tally = checkRounds(source, restored, options, Operation.observed());

            tally.requireAll(Operation.observed());
        }
    }

    /** Each server's own besides: the fields that expire of one, the vector sets of another. */
    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void whatOnlySomeServersKnowIsWrittenWhereItIsKnown(MatrixServer server) {
        assumeTrue(server.isHere(), server::whyNot);
        try (RedisServer source = RedisServer.start(server.options());
                RedisServer restored = RedisServer.start(server.options())) {
            OracleOptions options =
                    OracleOptions.seeded(5).withKeysPerThread(400).withoutBigValues();
            Set<Operation> wanted = EnumSet.of(Operation.HSET_CHUNK);
            try (Oracle asked = Oracle.open(source.uri(), options)) {
                wanted.addAll(asked.onlyHere());
            }

            Tally tally = checkRounds(source, restored, options, wanted);

            tally.requireAll(wanted);
        }
    }

    private static Tally checkRounds(
            RedisServer source, RedisServer restored, OracleOptions options, Set<Operation> wanted) {
        Tally tally = new Tally();
        try (Oracle oracle = Oracle.open(source.uri(), options)) {
            for (int round = 0; round < ROUNDS_MAX && !counted(tally, wanted); round++) {
                oracle.resume();
                oracle.awaitWrites(4_000, LONG_ENOUGH);
                oracle.pause();
                QuietCopy.of(source.uri(), restored.uri());
                Verdict verdict = oracle.check(restored.uri(), oracle.lastWriteAt(), Duration.ZERO);
                tally.add(verdict);
                assertThat(verdict.clean()).as(verdict.toString()).isTrue();
                assertThat(verdict.undecided()).isZero();
            }
        }
        return tally;
    }

    private static boolean counted(Tally tally, Set<Operation> wanted) {
        return wanted.stream().allMatch(operation -> tally.count(operation) > 0);
    }
}
