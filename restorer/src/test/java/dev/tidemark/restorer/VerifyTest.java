package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.plan.KeyName;
import dev.tidemark.restorer.verify.Difference;
import dev.tidemark.restorer.verify.VerifyReport;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.FlushMode;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A live Redis that somebody restored, and then touched. */
@TestInstance(Lifecycle.PER_CLASS)
class VerifyTest {
    private static final int SHARDS = 3;
    private static final byte[] LARGE = RedisContent.bytes("a large string ".repeat(100_000));

    private S3Endpoint s3;
    private RedisServer live;
    private RedisContent content;
    private RedisCommands<byte[], byte[]> redis;
    private Settings settings;
    private Settings small;
    private GeneratedSource source;

    @BeforeAll
    void backUp() throws IOException {
        s3 = S3Endpoint.start();
        live = RedisServer.start();
        content = new RedisContent(live.uri());
        redis = content.redis();
        List<Value> dumps = content.dumps();
        source = new GeneratedSource(7, SHARDS, 300, 3_000, dumps);
        settings = RestoreTest.settings(s3, "prod-rag", SHARDS);
        try (Archive archive = Archive.open(settings.s3(), "prod-rag")) {
            source.archive(archive, 170);
        }
        small = RestoreTest.settings(s3, "small", 1);
        try (Archive archive = Archive.open(small.s3(), "small")) {
            SmallSource few = new SmallSource(archive);
            redis.pfadd(key("sketch"), key("a"), key("b"));
            few.put("sketch", new Value.Text(Bytes.wrap(redis.get(key("sketch")))));
            few.put("text", new Value.Text(Bytes.utf8("as it was")));
            few.put(0, "expiring", new Value.Text(Bytes.utf8("x")), OptionalLong.of(later()));
            few.put("hash", new Value.Hash(List.of(new Value.Field(Bytes.utf8("f"), Bytes.utf8("v")))));
            few.put("large", few.blob("string", LARGE));
            redis.sadd(key("set"), key("a"), key("b"), key("3"));
            few.put("set", few.blob("set", redis.dump(key("set"))));
            few.put(0, "gone", new Value.Text(Bytes.utf8("x")), OptionalLong.of(System.currentTimeMillis() - 1_000));
            few.archive();
        }
    }

    private static long later() {
        return (System.currentTimeMillis() / 1_000 + 3_600) * 1_000;
    }

    @AfterAll
    void stop() {
        content.close();
        live.close();
        s3.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.7, 1})
    void whatWasRestoredIsTheSame(double share) {
        Instant at = source.between(share);
        restore(settings, Optional.of(at));

        VerifyReport report = verify(settings, Optional.of(at), 10);

        assertThat(report.isSame()).as(report.toString()).isTrue();
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.keysArchived() - report.expired())
                .isEqualTo(source.stateAt(at).size());
        assertThat(report.keysSame() + report.expired()).isEqualTo(report.keysArchived());
        assertThat(report.keysSame()).isGreaterThan(50);
        assertThat(report.limits()).isEmpty();
    }

    @Test
    void anotherTimeIsDifferentInEveryKeyThatChanged() {
        restore(settings, Optional.of(source.between(0.3)));

        VerifyReport report = verify(settings, Optional.of(source.between(0.9)), 0);

        assertThat(report.exitCode()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(report.differences().count(Difference.DIFFERENT)).isGreaterThan(50);
        assertThat(report.differences().count(Difference.EXTRA)).isPositive();
        assertThat(report.differences().names(Difference.DIFFERENT)).isEmpty();
    }

    @Test
    void eachKindOfDifferenceIsCountedAndNamed() {
        restore(small, Optional.empty());
        assertThat(verify(small, Optional.empty(), 5).isSame()).isTrue();

        redis.del(key("text"));
        redis.hset(key("hash"), key("f"), key("w"));
        redis.pexpireat(key("expiring"), later() + 1);
        redis.setrange(key("large"), 1_000_000, key("!"));
        redis.sadd(key("set"), key("c"));
        redis.set(key("new"), key("x"));
        redis.select(2);
        redis.set(key("not ours"), key("x"));
        redis.select(0);
        redis.pfcount(key("sketch"));

        VerifyReport report = verify(small, Optional.empty(), 5);

        assertThat(report.differences().names(Difference.MISSING)).containsExactly(name("text"));
        assertThat(report.differences().names(Difference.EXTRA)).containsExactly(name("new"));
        assertThat(report.differences().names(Difference.TTL_DIFFERENT)).containsExactly(name("expiring"));
        assertThat(report.differences().names(Difference.DIFFERENT))
                .containsExactlyInAnyOrder(name("hash"), name("large"), name("set"));
        assertThat(report.outside()).isEqualTo(1);
        assertThat(report.keysSame()).isEqualTo(1);
    }

    @Test
    void aLargeStringThatMayNotBeReadIsNotSaidToDiffer() throws IOException {
        Settings ofOne = RestoreTest.settings(s3, "one", 1);
        try (Archive archive = Archive.open(ofOne.s3(), "one")) {
            SmallSource one = new SmallSource(archive);
            one.put("large", one.blob("string", LARGE));
            one.archive();
        }
        redis.flushall();
        redis.set(key("large"), LARGE);
        live.aclUser("looker", "s3cret", "~*", "&*", "+@all", "-get");

        assertThatThrownBy(() -> verify(ofOne, RestoreTarget.at(live.uri("looker", "s3cret")), Optional.empty(), 5))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining("NOPERM");
    }

    @Test
    void anotherTypeAndAnotherSizeAreDifferent() {
        restore(small, Optional.empty());
        redis.del(key("hash"), key("text"), key("set"), key("large"));
        redis.set(key("hash"), key("f"));
        redis.rpush(key("text"), key("as it was"));
        redis.set(key("set"), LARGE);
        redis.hset(key("large"), key("f"), LARGE);

        VerifyReport report = verify(small, Optional.empty(), 0);

        assertThat(report.differences().count(Difference.DIFFERENT)).isEqualTo(4);
    }

    @Test
    void everyPrimaryOfAClusterIsAskedForItsOwnKeys() throws IOException {
        Settings settingsOfMany = RestoreTest.settings(s3, "many", 1);
        try (RedisCluster cluster = RedisCluster.start();
                Archive archive = Archive.open(settingsOfMany.s3(), "many")) {
            SmallSource many = new SmallSource(archive);
            for (int i = 0; i < 100; i++) {
                many.put("chunk:" + i, new Value.Text(Bytes.utf8("text " + i)));
            }
            String library = "#!lua name=ours\nredis.register_function('one', function() return 1 end)";
            redis.functionFlush(FlushMode.SYNC);
            redis.functionLoad(library);
            many.define("functions", redis.functionDump());
            redis.functionFlush(FlushMode.SYNC);
            many.archive();
            RedisContent.ask(cluster.nodes().get(1), node -> node.functionLoad(library));
            RedisClusterClient client =
                    RedisClusterClient.create(cluster.uris().get(0).toString());
            RedisAdvancedClusterCommands<String, String> keys = client.connect().sync();
            for (int i = 0; i < 99; i++) {
                keys.set("chunk:" + i, "text " + i);
            }
            keys.set("chunk:100", "text");
            client.shutdown();

            VerifyReport report =
                    verify(settingsOfMany, RestoreTarget.at(cluster.uris().get(1)), Optional.empty(), 5);

            assertThat(report.keysSame()).isEqualTo(99);
            assertThat(report.differences().names(Difference.MISSING)).containsExactly(name("chunk:99"));
            assertThat(report.differences().names(Difference.EXTRA)).containsExactly(name("chunk:100"));
            assertThat(report.libraries())
                    .as("it is on the node that was named, and on no other")
                    .containsExactly("ours");

            int slot = HashSlot.of(Bytes.utf8("chunk:1"));
            RedisServer other = cluster.nodes().stream()
                    .filter(node -> !node.equals(cluster.nodeOf(slot)))
                    .findFirst()
                    .orElseThrow();
            RestoreListener movesIt = progress -> {
                if (!cluster.nodeOf(slot).equals(other)) {
                    cluster.moveSlot(slot, other);
                }
            };
            assertThatThrownBy(() -> verify(
                            settingsOfMany, RestoreTarget.at(cluster.uris().get(0)), Optional.empty(), 0, movesIt))
                    .hasMessageContaining("A slot of the Cluster was on its way to another node: try again");
        }
    }

    private void restore(Settings of, Optional<Instant> at) {
        try (Restorer restorer = Restorer.open(of)) {
            restorer.restore(
                    restorer.plan(at, false),
                    RestoreTarget.at(live.uri()),
                    RestoreOptions.careful().replacing(),
                    RestoreListener.silent());
        }
    }

    private VerifyReport verify(Settings of, Optional<Instant> at, int namesMax) {
        return verify(of, RestoreTarget.at(live.uri()), at, namesMax);
    }

    private static VerifyReport verify(Settings of, RestoreTarget target, Optional<Instant> at, int namesMax) {
        return verify(of, target, at, namesMax, RestoreListener.silent());
    }

    private static VerifyReport verify(
            Settings of, RestoreTarget target, Optional<Instant> at, int namesMax, RestoreListener listener) {
        try (Lookout lookout = Lookout.open(of, Clock.systemUTC())) {
            return lookout.verify(lookout.plan(at, false), target, namesMax, listener);
        }
    }

    private static KeyName name(String key) {
        return new KeyName(0, Bytes.utf8(key));
    }

    private static byte[] key(String text) {
        return RedisContent.bytes(text);
    }
}
