package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.BundledRedis;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.RedisBinary;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What Redis 7 had, into a Redis 6.2. */
@TestInstance(Lifecycle.PER_CLASS)
class OlderTargetTest {
    private static final String NAME = "newer";

    private S3Endpoint s3;
    private RedisServer target;
    private Settings settings;

    @BeforeAll
    void backUp() {
        Optional<RedisBinary> old = BundledRedis.extract();
        assumeTrue(old.isPresent(), "no redis-server 6.2 comes with us for this machine");
        s3 = S3Endpoint.start();
        target = RedisServer.start(
                RedisServer.Options.defaults().withBinary(old.get().path()));
        settings = RestoreTest.settings(s3, NAME, 1);
        try (RedisServer newer = RedisServer.start();
                RedisContent content = new RedisContent(newer.uri());
                Archive archive = Archive.open(settings.s3(), NAME)) {
            SmallSource source = new SmallSource(archive);
            List<Value> dumps = content.dumps();
            for (int i = 0; i < dumps.size(); i++) {
                source.put("new:" + i, dumps.get(i));
            }
            source.put("old:text", new Value.Text(Bytes.utf8("1")));
            source.put("old:hash", new Value.Hash(List.of(new Field(Bytes.utf8("f"), Bytes.utf8("v")))));
            content.redis().functionLoad("#!lua name=ours\nredis.register_function('one', function() return 1 end)");
            source.define("functions", content.redis().functionDump());
            source.archive();
        }
    }

    @BeforeEach
    void empty() {
        RedisContent.ask(target, redis -> redis.flushall());
    }

    @AfterAll
    void stop() {
        if (s3 != null) {
            target.close();
            s3.close();
        }
    }

    @Test
    void whatItCannotTakeIsListedBeforeTheFirstWrite() {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            RestoreTarget there = RestoreTarget.at(target.uri());
            ReplicationPort port = new ReplicationPort(
                    "127.0.0.1",
                    FreePort.next(),
                    Optional.empty(),
                    Optional.of(there),
                    Optional.empty(),
                    Optional.empty());

            assertThatThrownBy(() -> restorer.restore(plan, there, RestoreOptions.careful(), RestoreListener.silent()))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(ExitCode.TARGET_REFUSED))
                    .hasMessageContaining("4 lists as version 10 writes them")
                    .hasMessageContaining("2 streams as version 10 writes them")
                    .hasMessageContaining("1 set of FUNCTION libraries")
                    .hasMessageNotContaining("new:");
            assertThatThrownBy(() -> restorer.restore(plan, port, RestoreOptions.careful(), RestoreListener.silent()))
                    .hasMessageContaining("4 lists as version 10 writes them")
                    // A large set is written as ever, and a snapshot tells no version of single values.
                    .hasMessageNotContaining(" sets as");
        }
        long keys = RedisContent.ask(target, RedisCommands::dbsize);
        String replication = RedisContent.ask(target, redis -> redis.info("replication"));
        assertThat(keys).isZero();
        assertThat(replication).contains("role:master");
    }

    @Test
    void whatItCanTakeOfItIsRestoredWithoutTheRest() {
        Selection old =
                new Selection(Optional.of(Bytes.utf8("old:")), Optional.empty(), OptionalInt.empty(), Optional.empty());
        Settings withoutLibraries = RestoreTest.settings(s3, "plain", 1);
        try (Archive archive = Archive.open(withoutLibraries.s3(), "plain")) {
            SmallSource source = new SmallSource(archive);
            source.put("old:text", new Value.Text(Bytes.utf8("1")));
            source.put("new:dump", new Value.Opaque("list", Bytes.wrap(new byte[] {18, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0
            })));
            source.archive();
        }

        try (Restorer restorer = Restorer.open(withoutLibraries)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            RestoreReport report = restorer.restore(
                    plan,
                    RestoreTarget.at(target.uri()),
                    RestoreOptions.careful().only(old),
                    RestoreListener.silent());

            assertThat(report.isProven()).isTrue();
        }
        byte[] text = RedisContent.ask(target, redis -> redis.get(RedisContent.bytes("old:text")));
        assertThat(text).isEqualTo(RedisContent.bytes("1"));
    }
}
