package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.RestorerSettings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.RedisServer.Options;
import dev.tidemark.servers.S3Endpoint;
import java.net.URI;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What a restore refuses, and what it leaves behind when its target fails. */
@TestInstance(Lifecycle.PER_CLASS)
class TargetTest {
    private static final int SHARDS = 2;
    private static final String NAME = "prod-rag";
    private static final byte[] LOCK = ReservedKeys.RESTORE_LOCK.array();

    private S3Endpoint s3;
    private Settings settings;
    private GeneratedSource source;
    private RedisServer target;
    private RedisContent content;

    @BeforeAll
    void backUp() {
        s3 = S3Endpoint.start();
        source = new GeneratedSource(11, SHARDS, 200, 1_500, List.of());
        settings = RestoreTest.settings(s3, NAME, SHARDS);
        try (Archive archive = Archive.open(settings.s3(), NAME)) {
            source.archive(archive, 100);
        }
    }

    @BeforeEach
    void startTarget() {
        target = RedisServer.start();
        content = new RedisContent(target.uri());
    }

    @AfterEach
    void stopTarget() {
        content.close();
        target.close();
    }

    @AfterAll
    void stop() {
        s3.close();
    }

    @Test
    void aTargetThatIsNotEmptyIsRefusedAndLeftAsItWas() {
        content.redis().select(5);
        content.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));

        requireRefused(RestoreOptions.careful(), ExitCode.TARGET_REFUSED, "is not empty: it holds 1 keys");

        assertThat(content.read()).hasSize(1);
    }

    @Test
    void aLockedTargetIsRefusedWithItsOwnersName() {
        byte[] theirs = RedisContent.bytes("elsewhere (pid 1, run 2) since 2026-01-01T00:00:00Z");
        content.redis().hset(LOCK, RedisContent.bytes("restore"), RedisContent.bytes("restore of x to y"));
        content.redis().hset(LOCK, RedisContent.bytes("part 1"), theirs);

        requireRefused(
                RestoreOptions.careful().replacing(),
                ExitCode.TARGET_REFUSED,
                "restore of x to y by elsewhere (pid 1, run 2)");

        assertThat(content.redis().hget(LOCK, RedisContent.bytes("part 1"))).isEqualTo(theirs);
    }

    @Test
    void whatSomebodyFilledUnderTheNameOfTheLockIsNotReadIntoMemory() {
        byte[] large = new byte[16 << 20];
        content.redis().hset(LOCK, RedisContent.bytes("restore"), large);
        requireRefusedUnread(large.length);

        content.redis().del(LOCK);
        IdentityHashMap<byte[], byte[]> many = new IdentityHashMap<>();
        for (int field = 0; field < 100_000; field++) {
            many.put(RedisContent.bytes("field " + field), RedisContent.bytes("v"));
        }
        content.redis().hset(LOCK, many);
        requireRefusedUnread(100_000);
    }

    private void requireRefusedUnread(long bytes) {
        long before = target.bytesAnswered();

        requireRefused(
                RestoreOptions.careful().replacing(),
                ExitCode.TARGET_REFUSED,
                "none of this build's locks by somebody");

        assertThat(target.bytesAnswered() - before).isLessThan(bytes);
        assertThat(content.redis().hlen(LOCK)).isPositive();
    }

    @Test
    void theLockIsHeldWhileTheRestoreRunsAndGoneAfterIt() {
        RestoreReport report = restore(settings, RestoreOptions.careful(), progress -> {
            if (progress.phase() != Phase.VALIDATING) {
                assertThat(content.redis().hget(LOCK, RedisContent.bytes("restore")))
                        .asString()
                        .startsWith("restore of prod-rag to ");
            }
        });

        assertThat(report.isProven()).isTrue();
        assertThat(content.redis().exists(LOCK)).isZero();
    }

    @Test
    void aReplicaIsRefused() {
        try (RedisServer primary = RedisServer.start()) {
            content.redis().replicaof("127.0.0.1", primary.port());

            requireRefused(RestoreOptions.careful(), ExitCode.TARGET_REFUSED, "is a replica");
        }
    }

    @Test
    void theCapturedSourceIsRefusedUnlessItIsMeant() {
        Settings captured = settings.with(RedisSettings.at(target.uri()));

        assertThatThrownBy(() -> restore(captured, RestoreOptions.careful(), progress -> {}))
                .hasMessageContaining("is the captured source itself");
        assertThat(content.read()).isEmpty();
        assertThat(restore(captured, RestoreOptions.careful().intoTheSource(), progress -> {})
                        .isProven())
                .isTrue();
    }

    @Test
    void aDatabaseThatTheTargetDoesNotHaveIsFoundBeforeTheFirstWrite() {
        try (RedisServer small = RedisServer.start(Options.defaults().withConfig("databases 2"))) {
            requireRefused(
                    small.uri(),
                    RestoreOptions.careful(),
                    ExitCode.TARGET_REFUSED,
                    "Database 3 of it is needed. Nothing was written to it");
        }
    }

    @Test
    void aTargetThatIsNotThereIsUnreachable() {
        URI gone = target.uri();
        target.kill();

        requireRefused(
                gone,
                RestoreOptions.careful(),
                ExitCode.UNREACHABLE,
                "Connection refused. Does a Redis listen there? Nothing was written to it");
    }

    @Test
    void aPasswordLetsUsInAndIsNeverShown() {
        target.aclUser("restorer", "s3cret", "~*", "&*", "+@all");
        RestoreTarget withoutPassword = RestoreTarget.at(target.uri("restorer", "wrong"));
        RestoreTarget address = withoutPassword.withPassword(Secret.of("s3cret"));

        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            assertThatThrownBy(() ->
                            restorer.restore(plan, withoutPassword, RestoreOptions.careful(), RestoreListener.silent()))
                    .hasMessageContaining("WRONGPASS")
                    .hasMessageNotContaining("wrong");
            assertThat(restorer.restore(plan, address, RestoreOptions.careful(), RestoreListener.silent())
                            .isProven())
                    .isTrue();
        }
        assertThat(address.toString()).doesNotContain("s3cret");
    }

    @Test
    void aUserWithoutTheRightsIsRefusedWithThoseThatAreNeeded() {
        target.aclUser("reader", "s3cret", "~*", "&*", "+@read", "+info", "+time", "+select", "+hello", "+client");

        requireRefused(
                target.uri("reader", "s3cret"), RestoreOptions.careful(), ExitCode.TARGET_REFUSED, "needs the rights");
    }

    @Test
    void aTargetThatIsTooSmallIsRefusedAndSaysWhatItHolds() {
        content.redis().configSet("maxmemory", Long.toString(usedMemory() + 700_000));

        requireRefused(RestoreOptions.careful(), ExitCode.TARGET_REFUSED, "its maxmemory is too small");

        assertThat(content.redis().exists(LOCK)).isZero();
        assertThat(content.redis().dbsize()).isPositive();
        requireRefused(RestoreOptions.careful(), ExitCode.TARGET_REFUSED, "is not empty");
        content.redis().configSet("maxmemory", "0");
        assertThat(restore(settings, RestoreOptions.careful().merging(), progress -> {})
                        .isProven())
                .isTrue();
        assertThat(content.read().keySet())
                .isEqualTo(source.stateAt(source.last()).keySet());
    }

    @Test
    void aTargetKilledMidwayIsSaidToBeUnfinished() {
        Settings slow = settings.with(new RestorerSettings(5_000_000, 64 << 10, 2, Duration.ofMinutes(5)));
        assertThatThrownBy(() -> restore(slow, RestoreOptions.careful(), progress -> {
                    if (progress.phase() == Phase.WRITING && progress.keys() > 10) {
                        target.kill();
                    }
                }))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.UNREACHABLE))
                .hasMessageContaining("holds an unfinished restore")
                .hasMessageContaining("tidemark:restore-lock");
    }

    @Test
    void aLockThatCannotBeRemovedMakesNoCompleteRestoreAnUnfinishedOne() {
        assertThatThrownBy(() -> restoreWithout("del"))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining("holds the whole restore")
                .hasMessageContaining("were written and read back, and are what the archive says")
                .hasMessageContaining("DEL tidemark:restore-lock there")
                .hasMessageNotContaining("unfinished")
                .hasMessageNotContaining("Nothing was written");

        content.redis().del(LOCK);
        assertThat(content.read().keySet())
                .isEqualTo(source.stateAt(source.last()).keySet());
    }

    /** By a user who may do all else. */
    private RestoreReport restoreWithout(String command) {
        target.aclUser("restorer", "s3cret", "~*", "&*", "+@all", "-" + command);
        try (Restorer restorer = Restorer.open(settings)) {
            return restorer.restore(
                    restorer.plan(Optional.empty(), false),
                    RestoreTarget.at(target.uri("restorer", "s3cret")),
                    RestoreOptions.careful(),
                    RestoreListener.silent());
        }
    }

    @Test
    void aRestoreThatIsWrittenAndCannotBeReadBackIsNotSaidToBeUnfinished() {
        assertThatThrownBy(() -> restoreWithout("scan"))
                .hasMessageContaining("holds every key of the restore")
                .hasMessageContaining("not proven")
                .hasMessageNotContaining("unfinished");
    }

    @Test
    void aKeyThatIsLostAfterItWasWrittenIsFoundByTheProof() {
        requireDifferent(redis -> redis.del(redis.randomkey()));
    }

    @Test
    void aValueThatChangedIsFoundByTheProof() {
        requireDifferent(redis -> {
            byte[] key = redis.randomkey();
            if (!redis.type(key).equals("hash")) {
                redis.append(key, new byte[1]);
            } else {
                redis.hset(key, redis.hkeys(key).get(0), RedisContent.bytes("flipped"));
            }
        });
    }

    @Test
    void anExpiryThatIsOffByAMillisecondIsFoundByTheProof() {
        requireDifferent(redis -> {
            for (byte[] key : redis.keys("*")) {
                long at = redis.pexpiretime(key);
                if (at > System.currentTimeMillis() + 600_000) {
                    redis.pexpireat(key, at + 1);
                    return;
                }
            }
            throw new IllegalStateException("no key expires");
        });
    }

    @Test
    void aKeyTooManyIsFoundByTheProof() {
        requireDifferent(redis -> redis.set(RedisContent.bytes("extra"), RedisContent.bytes("1")));
    }

    private void requireDifferent(Consumer<io.lettuce.core.api.sync.RedisCommands<byte[], byte[]>> tampering) {
        boolean[] done = {false};
        RestoreReport report = restore(settings, RestoreOptions.careful(), progress -> {
            boolean written = progress.phase() == Phase.PROVING && progress.keys() == 0;
            if (written && !done[0]) {
                done[0] = true;
                Map<byte[], byte[]> lock = content.redis().hgetall(LOCK);
                content.redis().del(LOCK);
                tampering.accept(content.redis());
                content.redis().hset(LOCK, lock);
            }
        });

        assertThat(done[0]).isTrue();
        assertThat(report.isProven()).isFalse();
        assertThat(report.exitCode()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(report.proof().stream().filter(shard -> !shard.isEqual())).hasSize(1);
    }

    private void requireRefused(RestoreOptions options, ExitCode code, String words) {
        requireRefused(target.uri(), options, code, words);
    }

    private void requireRefused(URI uri, RestoreOptions options, ExitCode code, String words) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            assertThatThrownBy(() -> restorer.restore(plan, RestoreTarget.at(uri), options, RestoreListener.silent()))
                    .isInstanceOfSatisfying(TidemarkError.class, error -> assertThat(error.code())
                            .isEqualTo(code))
                    .hasMessageContaining(words);
        }
    }

    private RestoreReport restore(Settings used, RestoreOptions options, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(used)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            return restorer.restore(plan, RestoreTarget.at(target.uri()), options, listener);
        }
    }

    private long usedMemory() {
        return content.redis()
                .info("memory")
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring("used_memory:".length()).strip()))
                .findFirst()
                .orElseThrow();
    }
}
