package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.plan.KeyPattern;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.restorer.plan.TtlRule;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RestorerSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.FaultProxy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Into a target that is not empty: over what is there, or together with others. */
@TestInstance(Lifecycle.PER_CLASS)
class MergeTest {
    private static final int SHARDS = 3;
    private static final byte[] LOCK = ReservedKeys.RESTORE_LOCK.array();

    private RestoreServers on;
    private Settings settings;
    private GeneratedSource source;
    private Map<Name, Object> expected;

    @BeforeAll
    void backUp() {
        on = new RestoreServers();
        source = new GeneratedSource(47, SHARDS, 300, 1_500, on.scratch.dumps());
        settings = RestoreTest.settings(on.s3, "prod-rag", SHARDS);
        try (Archive archive = Archive.open(settings.s3(), "prod-rag")) {
            source.archive(archive, 100);
        }
        expected = on.scratch.asRead(source.stateAt(source.last()));
    }

    @BeforeEach
    void empty() {
        on.found.redis().flushall();
    }

    @AfterAll
    void stop() {
        on.close();
    }

    @Test
    void keysOfTheRestoreAreWrittenOverWholeAndAllOthersStay() {
        List<Name> there = expected.keySet().stream()
                .filter(name -> name.db() == 0)
                .limit(20)
                .toList();
        for (int i = 0; i < there.size(); i++) {
            byte[] key = there.get(i).key().array();
            if (i % 2 == 0) {
                on.found.redis().hset(key, RedisContent.bytes("a field of theirs"), RedisContent.bytes("1"));
            } else {
                on.found.redis().rpush(key, RedisContent.bytes("1"));
            }
            on.found.redis().pexpire(key, 1_000_000 + i);
        }
        on.found.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));

        RestoreReport report = restore(RestoreOptions.careful().merging(), RestoreListener.silent());

        Map<Name, Object> both = new HashMap<>(expected);
        both.put(new Name(0, Bytes.utf8("theirs")), List.of(Bytes.utf8("1"), OptionalLong.empty()));
        assertThat(on.found.read()).isEqualTo(both);
        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(report.limits())
                .contains(
                        "20 keys were there before and were written over",
                        "1 other keys of the target were left as they were, and were not compared");
    }

    @Test
    void aKeyThatChangesUnderOurHandsIsFoundByTheProofAlsoWhenOthersAreThere() {
        on.found.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));
        boolean[] done = {false};

        RestoreReport report = restore(RestoreOptions.careful().merging(), progress -> {
            if (progress.phase() == Phase.PROVING && !done[0]) {
                done[0] = true;
                Name first = expected.keySet().stream()
                        .filter(name -> name.db() == 0)
                        .findFirst()
                        .orElseThrow();
                on.found.redis().del(first.key().array());
            }
        });

        assertThat(report.exitCode()).isEqualTo(ExitCode.DIFFERENT);
    }

    @Test
    void partsOfOneRestoreFillOneTargetTogether() throws InterruptedException, ExecutionException {
        ExecutorService machines = Executors.newFixedThreadPool(2);
        CountDownLatch bothWrite = new CountDownLatch(2);
        try {
            Future<RestoreReport> first = machines.submit(() -> restore(part(1, 2), oneOf(bothWrite)));
            Future<RestoreReport> second = machines.submit(() -> restore(part(2, 2), oneOf(bothWrite)));

            assertThat(first.get().isProven()).isTrue();
            assertThat(second.get().isProven()).isTrue();
            assertThat(first.get().keysWritten() + second.get().keysWritten()).isEqualTo(expected.size());
            assertThat(on.found.read()).isEqualTo(expected);
            assertThat(on.found.redis().exists(LOCK)).isZero();
        } finally {
            machines.shutdownNow();
        }
    }

    /** It may begin at any moment, also between two questions; what it writes then is no stranger's. */
    @Test
    void aPartThatBeginsWhileAnotherOneLooksIsNotMistaken() {
        try (Restorer restorer = Restorer.open(settings);
                TargetPrimaries primaries = TargetPrimaries.open(
                        RestoreTarget.at(on.target.uri()), Duration.ofSeconds(10), "Nothing was written")) {
            RestorePlan plan = restorer.plan(Optional.of(source.last()), false);
            TargetCheck check = new TargetCheck(primaries, part(2, 2));

            check.require(restorer.run(plan, part(2, 2), RestoreListener.silent()), () -> {
                on.found.redis().set(RedisContent.bytes("of part 1"), RedisContent.bytes("1"));
                return false;
            });
            assertThat(on.found.read()).hasSize(1);
        }
    }

    @Test
    void partsMayComeOneAfterTheOtherAndNobodyElseComesBetween() {
        assertThat(restore(part(1, 2), RestoreListener.silent()).isProven()).isTrue();

        requireRefused(part(1, 2), Optional.of(source.last()), "part 1 of 2 of this restore is in");
        requireRefused(part(2, 2), Optional.of(source.between(0.5)), "is locked: restore of prod-rag to");
        requireRefused(part(2, 3), Optional.of(source.last()), "is locked: restore of prod-rag to");
        requireRefused(RestoreOptions.careful(), Optional.of(source.last()), "is locked: restore of prod-rag to");
        requireRefused(
                RestoreOptions.careful().replacing(), Optional.of(source.last()), "is locked: restore of prod-rag to");
        assertThat(restore(part(2, 2), RestoreListener.silent()).isProven()).isTrue();
        assertThat(on.found.read()).isEqualTo(expected);
        assertThat(on.found.redis().exists(LOCK)).isZero();
    }

    @Test
    void aPartThatFailedIsDoneAgainOverWhatItLeft() {
        restore(part(1, 2), RestoreListener.silent());
        assertThatThrownBy(() -> restore(part(2, 2), progress -> {
                    if (progress.phase() == Phase.WRITING && progress.keys() > 10) {
                        throw new IllegalStateException("the machine of this part fails");
                    }
                }))
                .hasMessageContaining("Run part 2 of 2 again with --merge");

        requireRefused(part(2, 2), Optional.of(source.last()), "holds what a failed run left of part 2 of 2");
        assertThat(restore(part(2, 2).merging(), RestoreListener.silent()).isProven())
                .isTrue();
        assertThat(on.found.read()).isEqualTo(expected);
        assertThat(on.found.redis().exists(LOCK)).isZero();
    }

    /** Each would prove its own half of a target that never was. */
    @Test
    void partsThatDoNotSayTheSameAreRefusedBeforeTheirFirstWrite() {
        restore(part(1, 2), RestoreListener.silent());
        RestoreOptions second = part(2, 2);
        Optional<Instant> to = Optional.of(source.last());
        Selection byPrefix = selection(Optional.of(Bytes.utf8("a")), Optional.empty(), OptionalInt.empty());
        Selection byPattern =
                selection(Optional.empty(), Optional.of(new KeyPattern(Bytes.utf8("a*"))), OptionalInt.empty());
        Selection byDb = selection(Optional.empty(), Optional.empty(), OptionalInt.of(3));

        requireRefused(second.only(byPrefix), to, "there every key, here --prefix \"a\"");
        requireRefused(second.only(byPattern), to, "there every key, here --match \"a*\"");
        requireRefused(second.only(byDb), to, "there every key, here --db 3");
        requireRefused(second.withTtl(TtlRule.DROP), to, "there --ttl keep, here --ttl drop");
        requireRefused(second.merging(), to, "there neither --replace nor --merge, here --merge");
        requireRefused(second.replacing(), to, "there neither --replace nor --merge, here --replace");
        requireRefused(part(2, 3), to, "in 2 parts, here restore of prod-rag to");
        requireRefused(second, Optional.of(source.between(0.5)), "This part does not agree with it: there restore of");
        requireRefused(
                second.withTtl(TtlRule.SHIFT).only(byDb),
                to,
                "there every key, here --db 3; there --ttl keep, here --ttl shift. Give every part the same");
        assertThat(restore(second, RestoreListener.silent()).isProven()).isTrue();
        assertThat(on.found.read()).isEqualTo(expected);
    }

    private static Selection selection(Optional<Bytes> prefix, Optional<KeyPattern> match, OptionalInt db) {
        return new Selection(prefix, match, db, Optional.empty());
    }

    @Test
    void aPartMayNotWriteOverWhatTheOthersFoundEmpty() {
        on.found.redis().set(RedisContent.bytes("theirs"), RedisContent.bytes("1"));
        restore(part(1, 2).merging(), RestoreListener.silent());

        requireRefused(part(2, 2), Optional.of(source.last()), "there --merge, here neither --replace nor --merge");
        requireRefused(part(2, 2).replacing(), Optional.of(source.last()), "there --merge, here --replace");

        assertThat(restore(part(2, 2).merging(), RestoreListener.silent()).isProven())
                .isTrue();
        assertThat(on.found.redis().exists(LOCK)).isZero();
    }

    @Test
    void theSamePartTwiceAtOnceIsDoneOnce() throws InterruptedException, ExecutionException {
        ExecutorService machines = Executors.newFixedThreadPool(2);
        CountDownLatch secondIsRefused = new CountDownLatch(1);
        CountDownLatch firstWrites = new CountDownLatch(1);
        try {
            Future<RestoreReport> first = machines.submit(() -> restore(part(1, 2), progress -> {
                if (progress.phase() == Phase.WRITING) {
                    firstWrites.countDown();
                    await(secondIsRefused);
                }
            }));
            await(firstWrites);
            assertThatThrownBy(() -> restore(part(1, 2), RestoreListener.silent()))
                    .hasMessageContaining("is locked: restore of prod-rag to")
                    .hasMessageContaining("HDEL tidemark:restore-lock \"part 1\" there");
            assertThatThrownBy(() -> restore(part(1, 2).merging(), RestoreListener.silent()))
                    .hasMessageContaining("is locked: restore of prod-rag to");
            assertThatThrownBy(() -> restore(RestoreOptions.careful().merging(), RestoreListener.silent()))
                    .hasMessageContaining("is locked: restore of prod-rag to");
            secondIsRefused.countDown();

            assertThat(first.get().isProven()).isTrue();
            assertThat(restore(part(2, 2), RestoreListener.silent()).isProven()).isTrue();
            assertThat(on.found.read()).isEqualTo(expected);
        } finally {
            secondIsRefused.countDown();
            machines.shutdownNow();
        }
    }

    /** As when its machine is lost: nobody takes its name out of the lock. */
    @Test
    void aPartThatDiedIsDoneAgainOverWhatItLeftWhenAPersonHasTakenItsNameAway() {
        restore(part(1, 2), RestoreListener.silent());
        Settings slow = settings.with(new RestorerSettings(5_000_000, 64 << 10, 2, Duration.ofMinutes(5)));
        try (FaultProxy proxy = FaultProxy.before(on.target);
                Restorer restorer = Restorer.open(slow)) {
            RestorePlan plan = restorer.plan(Optional.of(source.last()), false);
            assertThatThrownBy(
                            () -> restorer.restore(plan, RestoreTarget.at(proxy.uri("redis")), part(2, 2), progress -> {
                                if (progress.phase() == Phase.WRITING && progress.keys() > 10) {
                                    proxy.cut();
                                }
                            }))
                    .hasMessageContaining("HDEL tidemark:restore-lock \"part 2\" there, and run this part again");
        }
        Optional<Instant> to = Optional.of(source.last());

        requireRefused(part(2, 2).merging(), to, "HDEL tidemark:restore-lock \"part 2\" there");
        on.found.redis().hdel(LOCK, RedisContent.bytes("part 2"));
        requireRefused(part(2, 2), to, "holds what a failed run left of part 2 of 2");
        requireRefused(part(2, 2).merging().withTtl(TtlRule.DROP), to, "there --ttl keep, here --ttl drop");

        assertThat(restore(part(2, 2).merging(), RestoreListener.silent()).isProven())
                .isTrue();
        assertThat(on.found.read()).isEqualTo(expected);
        assertThat(on.found.redis().exists(LOCK)).isZero();
    }

    @Test
    void aFirstPartThatDiedBeforeItsFirstWriteIsToldFromOneThatWrote() {
        restore(part(1, 2), RestoreListener.silent());
        byte[] words = on.found.redis().hget(LOCK, RedisContent.bytes("restore"));
        on.found.redis().flushall();
        byte[] dead = RedisContent.bytes("elsewhere (pid 1, run 2) since 2026-01-01T00:00:00Z");
        on.found.redis().hset(LOCK, Map.of(RedisContent.bytes("restore"), words, RedisContent.bytes("part 1"), dead));

        requireRefused(
                part(1, 2),
                Optional.of(source.last()),
                "no key was restored yet: DEL tidemark:restore-lock there, then run every part again as before");
    }

    private static void await(CountDownLatch latch) {
        try {
            // No longer: if the other one fails, that is what is to be told.
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static RestoreListener oneOf(CountDownLatch all) {
        boolean[] counted = {false};
        return progress -> {
            if (progress.phase() == Phase.WRITING && !counted[0]) {
                counted[0] = true;
                all.countDown();
                await(all);
            }
        };
    }

    private static RestoreOptions part(int number, int of) {
        return RestoreOptions.careful().doing(new RestorePart(number, of));
    }

    private void requireRefused(RestoreOptions options, Optional<Instant> to, String words) {
        Map<Name, Object> before = on.found.read();
        assertThatThrownBy(() -> restore(options, to, RestoreListener.silent()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining(words);
        assertThat(on.found.read()).isEqualTo(before);
    }

    private RestoreReport restore(RestoreOptions options, RestoreListener listener) {
        return restore(options, Optional.of(source.last()), listener);
    }

    private RestoreReport restore(RestoreOptions options, Optional<Instant> to, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(settings)) {
            RestorePlan plan = restorer.plan(to, false);
            return restorer.restore(plan, RestoreTarget.at(on.target.uri()), options, listener);
        }
    }
}
