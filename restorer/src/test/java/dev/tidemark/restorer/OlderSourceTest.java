package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.BundledRedis;
import dev.tidemark.servers.RedisBinary;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What a Redis 6.2 had, whose small values are packed in another way, into the Redis 7 or later of this machine. */
@TestInstance(Lifecycle.PER_CLASS)
class OlderSourceTest {
    private S3Endpoint s3;
    private RedisServer older;
    private RedisContent source;
    private RedisServer target;

    @BeforeAll
    void start() {
        Optional<RedisBinary> old = BundledRedis.extract();
        assumeTrue(old.isPresent(), "no redis-server 6.2 comes with us for this machine");
        s3 = S3Endpoint.start();
        target = RedisServer.start();
        older = RedisServer.start(
                RedisServer.Options.defaults().withBinary(old.get().path()));
        source = new RedisContent(older.uri());
    }

    @BeforeEach
    void fill() {
        RedisContent.ask(target, redis -> redis.flushall());
        source.redis().flushall();
        String[] edges = {"0", "12", "13", "-1", "127", "-128", "32767", "-32768", "8388607", "-8388608", "2147483647"};
        for (int i = 0; i < edges.length; i++) {
            byte[] edge = RedisContent.bytes(edges[i]);
            source.redis().rpush(RedisContent.bytes("list"), edge, RedisContent.bytes("element " + i));
            source.redis().zadd(RedisContent.bytes("zset"), Double.parseDouble(edges[i]) / 3, edge);
            source.redis().zadd(RedisContent.bytes("ranked"), i, RedisContent.bytes("member " + i));
            source.redis().hset(RedisContent.bytes("hash"), edge, RedisContent.bytes("value " + i));
            source.redis().sadd(RedisContent.bytes("set"), RedisContent.bytes("member " + i));
            source.redis().sadd(RedisContent.bytes("numbers"), edge);
        }
        for (int length : new int[] {63, 64, 253, 254, 300}) {
            source.redis().rpush(RedisContent.bytes("list"), RedisContent.bytes("l".repeat(length)));
        }
        source.redis().rpush(RedisContent.bytes("list"), RedisContent.bytes("9223372036854775807"));
        source.redis().rpush(RedisContent.bytes("long list"), new byte[20_000], new byte[9_000]);
        source.redis().zadd(RedisContent.bytes("endless"), Double.NEGATIVE_INFINITY, RedisContent.bytes("least"));
        source.redis().zadd(RedisContent.bytes("endless"), Double.POSITIVE_INFINITY, RedisContent.bytes("most"));
    }

    @AfterAll
    void stop() {
        if (s3 != null) {
            source.close();
            older.close();
            target.close();
            s3.close();
        }
    }

    @Test
    void whatWasLoggedIsRestoredAndProven() {
        Settings settings = RestoreTest.settings(s3, "logged", 1);
        try (Archive archive = Archive.open(settings.s3(), "logged")) {
            SmallSource log = new SmallSource(archive);
            for (byte[] key : source.redis().keys("*")) {
                log.put(
                        Bytes.wrap(key).asUtf8().orElseThrow(),
                        new Value.Opaque(
                                source.redis().type(key),
                                Bytes.wrap(source.redis().dump(key))));
            }
            log.archive();
        }

        requireRestored(settings);
    }

    @Test
    void itsBaselineIsRestoredAndProven() throws IOException {
        Settings settings = RestoreTest.settings(s3, "saved", 1);
        source.redis().save();
        byte[] rdb = Files.readAllBytes(older.directory().resolve("dump.rdb"));
        try (Archive archive = Archive.open(settings.s3(), "saved")) {
            SmallSource log = new SmallSource(archive);
            log.put("before", new Value.Absent());
            SavedBaseline.publish(archive, rdb, log.now(), source.redis().dbsize());
            log.put("after", new Value.Absent());
            log.archive();
        }

        requireRestored(settings);
    }

    private void requireRestored(Settings settings) {
        RestoreTarget there = RestoreTarget.at(target.uri());
        try (Lookout lookout = Lookout.open(settings, Clock.systemUTC());
                Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);

            RestoreReport report = restorer.restore(plan, there, RestoreOptions.careful(), RestoreListener.silent());

            assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
            assertThat(report.limits()).isEmpty();
            assertThat(lookout.verify(plan, there, 10, RestoreListener.silent()))
                    .satisfies(verified -> assertThat(verified.isSame()).isTrue())
                    .satisfies(verified -> assertThat(verified.notCompared()).isZero());
        }
        try (RedisContent found = new RedisContent(target.uri())) {
            for (byte[] key : source.redis().keys("*")) {
                assertThat(found.redis().type(key)).isEqualTo(source.redis().type(key));
            }
            assertThat(found.redis().dbsize()).isEqualTo(source.redis().dbsize());
            assertThat(found.redis().lrange(RedisContent.bytes("list"), 0, -1))
                    .usingElementComparator(java.util.Arrays::compare)
                    .isEqualTo(source.redis().lrange(RedisContent.bytes("list"), 0, -1));
        }
    }
}
