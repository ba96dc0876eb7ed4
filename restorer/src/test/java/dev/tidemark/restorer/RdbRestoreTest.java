package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.restorer.plan.KeyPattern;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.restorer.plan.Selection.SlotRange;
import dev.tidemark.restorer.plan.TtlRule;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.MatrixServer;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Into a snapshot, which a real server then loads. */
@TestInstance(Lifecycle.PER_CLASS)
class RdbRestoreTest {
    private static final int SHARDS = 3;

    private BackedUp backup;

    @BeforeAll
    void backUp() {
        backup = new BackedUp(43, SHARDS, 300, 2_000);
    }

    @AfterAll
    void stop() {
        backup.close();
    }

    @ParameterizedTest
    @MethodSource("dev.tidemark.servers.RedisServers#matrix")
    void aStockServerLoadsExactlyWhatTheSourceHeld(MatrixServer server, @TempDir Path directory) {
        assumeTrue(server.isHere(), server::whyNot);
        Instant to = backup.source().between(0.6);

        RestoreReport report = restore(Optional.of(to), directory, RestoreOptions.careful());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(directory.resolve("dump.rdb.unfinished")).doesNotExist();
        Map<Name, State> expected = backup.source().stateAt(to);
        assertThat(loaded(server.options(), directory)).isEqualTo(backup.asRead(expected));
        assertThat(report.keysWritten()).isEqualTo(expected.size());
    }

    @Test
    void aClusterNodesFileHoldsItsSlotsOnly(@TempDir Path directory) {
        SlotRange slots = new SlotRange(5_000, 11_000);
        Selection ofNode = new Selection(Optional.empty(), Optional.empty(), OptionalInt.of(0), Optional.of(slots));

        restore(Optional.empty(), directory, RestoreOptions.careful().only(ofNode));

        Map<Name, State> expected = backup.source().stateAt(backup.source().last());
        expected.keySet()
                .removeIf(
                        name -> name.db() != 0 || HashSlot.of(name.key()) < 5_000 || HashSlot.of(name.key()) > 11_000);
        assertThat(expected).isNotEmpty();
        assertThat(loaded(RedisServer.Options.defaults(), directory)).isEqualTo(backup.asRead(expected));
    }

    /** The steps of docs/restore-by-hand.md. */
    @Test
    void aServerWithAnAppendOnlyFileTakesTheSnapshotByTheDocumentedSteps(@TempDir Path directory) throws IOException {
        RedisServer.Options appending =
                RedisServer.Options.defaults().withDirectory(directory).withAppendOnly();
        try (RedisServer old = RedisServer.start(appending);
                RedisContent content = new RedisContent(old.uri())) {
            content.redis().set(RedisContent.bytes("of the disaster"), RedisContent.bytes("1"));
        }
        Files.move(directory.resolve("appendonlydir"), directory.resolve("appendonlydir.before"));

        RestoreReport report =
                restore(Optional.empty(), directory, RestoreOptions.careful().replacing());

        assertThat(report.isProven()).isTrue();
        Map<Name, Object> expected = backup.expected(backup.source().last());
        RedisServer.Options once = RedisServer.Options.defaults().withDirectory(directory);
        try (RedisServer server = RedisServer.start(once.withConfig("appendonly no"));
                RedisContent content = new RedisContent(server.uri())) {
            content.redis().configSet("appendonly", "yes");
            Await.until(
                    Duration.ofSeconds(30),
                    () -> content.redis().info("persistence").contains("aof_rewrite_in_progress:0")
                            && content.redis().info("persistence").contains("aof_rewrite_scheduled:0"),
                    "the append-only file is written anew");
        }
        try (RedisServer server = RedisServer.start(appending);
                RedisContent content = new RedisContent(server.uri())) {
            assertThat(content.read()).isEqualTo(expected);
        }
    }

    @Test
    void aFileThatIsThereStaysUnlessItIsToBeReplaced(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("dump.rdb");
        Files.writeString(file, "theirs");

        assertThatThrownBy(() -> restore(Optional.empty(), directory, RestoreOptions.careful()))
                .isInstanceOfSatisfying(TidemarkError.class, refused -> assertThat(refused.code())
                        .isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining("is there already");
        assertThat(file).hasContent("theirs");

        assertThat(restore(Optional.empty(), directory, RestoreOptions.careful().replacing())
                        .isProven())
                .isTrue();
        assertThat(Files.size(file)).isGreaterThan(10_000);
    }

    @Test
    void keysLiveAsLongAsTheyHadLeftOrForEver(@TempDir Path directory) {
        Instant to = backup.source().between(0.5);
        Map<Name, State> expected = backup.source().stateAt(to);
        long expiring = expected.values().stream()
                .filter(state -> state.expireAtMillis().isPresent())
                .count();
        long before = System.currentTimeMillis();

        restore(Optional.of(to), directory, RestoreOptions.careful().withTtl(TtlRule.SHIFT));

        Map<Name, Object> shifted = loaded(RedisServer.Options.defaults(), directory);
        long shift = before - to.toEpochMilli();
        assertThat(expiring).isPositive();
        expected.forEach((name, state) -> state.expireAtMillis().ifPresent(expiry -> {
            if (shifted.get(name) instanceof List<?> found && found.get(1) instanceof OptionalLong left) {
                assertThat(left.orElseThrow()).isBetween(expiry + shift, expiry + shift + 60_000);
            } else {
                assertThat(expiry + shift).isLessThan(System.currentTimeMillis());
            }
        }));

        restore(Optional.of(to), directory, RestoreOptions.careful().replacing().withTtl(TtlRule.DROP));

        Map<Name, Object> dropped = loaded(RedisServer.Options.defaults(), directory);
        // Those too that have expired since.
        assertThat(dropped.keySet()).containsAll(expected.keySet()).hasSizeGreaterThan(expected.size());
        assertThat(dropped.values()).allMatch(found -> ((List<?>) found).get(1).equals(OptionalLong.empty()));
    }

    @Test
    void aPatternTakesWhatRedisItselfTakes() {
        Random random = new Random(5);
        String characters = "ab-^]";
        for (int round = 0; round < 300; round++) {
            backup.scratch().redis().flushall();
            for (int i = 0; i < 10; i++) {
                backup.scratch().redis().set(RedisContent.bytes(word(random, characters)), new byte[0]);
            }
            Bytes pattern = Bytes.utf8(word(random, characters + "[[*?*\\"));

            List<Bytes> theirs = backup
                    .scratch()
                    .redis()
                    .keys(new String(pattern.array(), java.nio.charset.StandardCharsets.UTF_8))
                    .stream()
                    .map(Bytes::wrap)
                    .toList();

            List<Bytes> ours = backup.scratch().redis().keys("*").stream()
                    .map(Bytes::wrap)
                    .filter(new KeyPattern(pattern)::matches)
                    .toList();
            assertThat(ours).as(pattern.asUtf8().orElseThrow()).containsExactlyInAnyOrderElementsOf(theirs);
        }
    }

    private static String word(Random random, String characters) {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(7); i >= 0; i--) {
            word.append(characters.charAt(random.nextInt(characters.length())));
        }
        return word.toString();
    }

    private RestoreReport restore(Optional<Instant> to, Path directory, RestoreOptions options) {
        try (Restorer restorer = Restorer.open(backup.settings())) {
            RestorePlan plan = restorer.plan(to, false);
            RestoreFile file = new RestoreFile(directory.resolve("dump.rdb"));
            return restorer.restore(plan, file, options, RestoreListener.silent());
        }
    }

    private static Map<Name, Object> loaded(RedisServer.Options options, Path directory) {
        try (RedisServer server = RedisServer.start(options.withDirectory(directory));
                RedisContent content = new RedisContent(server.uri())) {
            return content.read();
        }
    }
}
