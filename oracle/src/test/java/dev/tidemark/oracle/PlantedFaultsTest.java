package dev.tidemark.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.oracle.judge.Fault;
import dev.tidemark.oracle.judge.Key;
import dev.tidemark.oracle.judge.KeyState;
import dev.tidemark.oracle.judge.ValueType;
import dev.tidemark.oracle.judge.Verdict;
import dev.tidemark.servers.RedisServer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A right copy is found right, and each fault planted in it is found, with its kind, and nothing else is. */
class PlantedFaultsTest {
    private static final Key PREFIX = Key.utf8("oracle:");
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

    private static RedisServer source;
    private static RedisServer restored;
    private static RedisServer older;
    private static Oracle oracle;
    private static Instant quiet;
    private static Map<Key, KeyState> before;
    private static Map<Key, KeyState> now;

    @BeforeAll
    static void writeForAWhile() {
        source = RedisServer.start();
        restored = RedisServer.start();
        older = RedisServer.start();
        oracle = Oracle.open(
                source.uri(), OracleOptions.seeded(11).withThreads(2).withKeysPerThread(400));
        oracle.resume();
        oracle.awaitWrites(5_000, LONG_ENOUGH);
        oracle.pause();
        QuietCopy.of(source.uri(), older.uri());
        before = QuietCopy.states(source.uri(), PREFIX);

        oracle.resume();
        oracle.awaitWrites(1_500, LONG_ENOUGH);
        oracle.pause();
        quiet = oracle.now();
        now = QuietCopy.states(source.uri(), PREFIX);
    }

    @AfterAll
    static void stop() {
        oracle.close();
        source.close();
        restored.close();
        older.close();
    }

    @BeforeEach
    void copy() {
        QuietCopy.of(source.uri(), restored.uri());
    }

    @Test
    void findsNothingWrongWithARightCopy() {
        Verdict verdict = check();

        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        assertThat(verdict.keysChecked()).isEqualTo(800);
        assertThat(verdict.undecided()).isZero();
        assertThat(verdict.keysByType()).containsKeys(ValueType.STRING, ValueType.HASH, ValueType.STREAM);
    }

    @Test
    void findsALostWrite() {
        Key lost = victim((key, state) -> !before.containsKey(key));

        call("DEL", lost);

        assertFound(Fault.MISSING, lost);
    }

    @Test
    void findsAResurrectedKey() {
        Key resurrected = before.entrySet().stream()
                .filter(entry -> !entry.getValue().expires() && !now.containsKey(entry.getKey()))
                .map(Map.Entry::getKey)
                .min(Comparator.naturalOrder())
                .orElseThrow();

        putBack(resurrected);

        assertFound(Fault.EXTRA, resurrected);
    }

    @Test
    void findsAStaleValue() {
        Key stale = victim((key, state) -> before.containsKey(key)
                && !before.get(key).expires()
                && !before.get(key).sameBytes(state));

        putBack(stale);

        assertFound(Fault.STALE, stale);
    }

    @Test
    void findsAFlippedBitOfAnEmbedding() {
        Key chunk = victim((key, state) -> state.type() == ValueType.HASH
                && call("HEXISTS", key, "text_embedding").number() == 1);
        byte[] embedding = call("HGET", chunk, "text_embedding").bytes();

        embedding[embedding.length / 2] ^= 1;
        call("HSET", chunk, "text_embedding", embedding);

        assertFound(Fault.WRONG_BYTES, chunk);
    }

    @Test
    void findsAnExpiryOffByASecond() {
        assertExpiryMatters(1_000);
    }

    @Test
    void findsAnExpiryOffByAMillisecond() {
        assertExpiryMatters(1);
    }

    @Test
    void findsAnExpiryThatWasLost() {
        Key lasting = victim((key, state) -> state.expires());

        call("PERSIST", lasting);

        assertFound(Fault.WRONG_TTL, lasting);
    }

    @Test
    void findsAnExpiryThatWasInvented() {
        Key key = victim((any, state) -> !state.expires());

        call("PEXPIREAT", key, quiet.plusSeconds(100_000).toEpochMilli());

        assertFound(Fault.WRONG_TTL, key);
    }

    @Test
    void findsAnExtraKey() {
        Key extra = Key.utf8("oracle:nobody wrote this");

        call("SET", extra, "x");

        assertFound(Fault.EXTRA, extra);
    }

    @Test
    void findsAKeyInTheWrongDatabase() {
        Key strayed = victim((key, state) -> !before.containsKey(key));

        call("COPY", strayed, strayed, "DB", 3);

        assertFound(Fault.EXTRA, strayed);
    }

    @Test
    void findsAListInAnotherOrder() {
        Key list = victim((key, state) ->
                state.type() == ValueType.LIST && !text("LINDEX", key, 0).equals(text("LINDEX", key, -1)));

        call("LMOVE", list, list, "LEFT", "RIGHT");

        assertFound(Fault.WRONG_BYTES, list);
    }

    @Test
    void findsAStreamWhoseLastIdWasLost() {
        Key stream = victim((key, state) -> state.type() == ValueType.STREAM);

        call("XADD", stream, "9999999999999999-1", "a", "b");
        call("XDEL", stream, "9999999999999999-1");

        assertFound(Fault.WRONG_BYTES, stream);
    }

    @Test
    void leavesAloneWhatIsNotItsOwn() {
        call("SET", "tidemark:canary", "n");
        call("SET", "another's key", "x");

        Verdict verdict = check();

        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
    }

    private static void assertExpiryMatters(long offMillis) {
        Key lasting = victim((key, state) -> state.expires());

        call("PEXPIREAT", lasting, now.get(lasting).expireAtMillis() + offMillis);

        assertFound(Fault.WRONG_TTL, lasting);
    }

    private static Verdict check() {
        return oracle.check(restored.uri(), quiet, Duration.ZERO);
    }

    private static void assertFound(Fault fault, Key key) {
        Verdict verdict = check();

        assertThat(verdict.clean()).isFalse();
        assertThat(verdict.faults()).as(verdict.toString()).containsOnly(Map.entry(fault, 1L));
        assertThat(verdict.violations()).singleElement().satisfies(violation -> {
            assertThat(violation.key()).isEqualTo(key);
            assertThat(violation.fault()).isEqualTo(fault);
        });
    }

    /** A key that will not expire while the tests run. */
    private static Key victim(BiPredicate<Key, KeyState> suits) {
        long soon = quiet.plus(Duration.ofMinutes(30)).toEpochMilli();
        return now.entrySet().stream()
                .filter(entry -> !entry.getValue().expires() || entry.getValue().expireAtMillis() > soon)
                .filter(entry -> suits.test(entry.getKey(), entry.getValue()))
                .map(Map.Entry::getKey)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static void putBack(Key key) {
        byte[] dump = QuietCopy.call(older.uri(), "DUMP", key).bytes();
        call("RESTORE", key, 0, dump, "REPLACE");
    }

    private static String text(Object... words) {
        return call(words).text();
    }

    private static Reply call(Object... words) {
        URI uri = restored.uri();
        return QuietCopy.call(uri, words);
    }
}
