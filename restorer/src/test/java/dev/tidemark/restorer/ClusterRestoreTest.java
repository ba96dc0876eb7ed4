package dev.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.restorer.GeneratedSource.Name;
import dev.tidemark.restorer.GeneratedSource.State;
import dev.tidemark.restorer.RestoreProgress.Phase;
import dev.tidemark.restorer.plan.Selection;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.HashSlot;
import dev.tidemark.schemas.ReservedKeys;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.RestorerSettings;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import dev.tidemark.servers.ClusterFailover;
import dev.tidemark.servers.RedisCluster;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.SlotMove;
import io.lettuce.core.FlushMode;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Into a real Redis Cluster, whose slots may move meanwhile. */
@TestInstance(Lifecycle.PER_CLASS)
class ClusterRestoreTest {
    private static final int SHARDS = 3;
    private static final String SMALL = "with-large-values";
    private static final Selection ONLY_ITS_DATABASE =
            new Selection(Optional.empty(), Optional.empty(), OptionalInt.of(0), Optional.empty());

    private S3Endpoint s3;
    private RedisCluster cluster;
    private RedisServer scratch;
    private RedisContent scratchContent;
    private Settings settings;
    private GeneratedSource source;

    @BeforeAll
    void backUp() {
        s3 = S3Endpoint.start();
        cluster = RedisCluster.start();
        scratch = RedisServer.start();
        scratchContent = new RedisContent(scratch.uri());
        source = new GeneratedSource(46, SHARDS, 300, 1_500, scratchContent.dumps());
        settings = RestoreTest.settings(s3, "prod-rag", SHARDS)
                .with(new RestorerSettings(5_000_000, 64 << 10, 2, Duration.ofMinutes(5)));
        try (Archive archive = Archive.open(settings.s3(), "prod-rag")) {
            source.archive(archive, 40);
        }
    }

    @BeforeEach
    void empty() {
        for (RedisServer node : cluster.nodes()) {
            RedisContent.ask(node, redis -> redis.flushall() + redis.functionFlush(FlushMode.SYNC));
        }
    }

    @AfterAll
    void stop() {
        scratchContent.close();
        scratch.close();
        cluster.close();
        s3.close();
    }

    @Test
    void eachKeyIsWhereItsSlotIs() {
        RestoreReport report = restore(options(), RestoreListener.silent());

        assertThat(report.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(read()).isEqualTo(expected());
        assertThat(cluster.nodes()).allMatch(node -> RedisContent.ask(node, RedisCommands::dbsize) > 10);
    }

    @Test
    void aKeyOnAnyPrimaryIsFoundBeforeTheFirstWrite() {
        for (int slot : new int[] {0, 8_000, 16_000}) {
            empty();
            String theirs = "{" + HashSlot.tagIn(slot) + "}";
            RedisContent.ask(
                    cluster.nodeOf(slot), redis -> redis.set(RedisContent.bytes(theirs), RedisContent.bytes("1")));

            requireRefused(options(), "is not empty: it holds 1 keys");

            assertThat(read().keySet()).containsExactly(new Name(0, Bytes.utf8(theirs)));
            assertThat(restore(options().replacing(), RestoreListener.silent()).isProven())
                    .isTrue();
            assertThat(read()).isEqualTo(expected());
        }
    }

    @Test
    void theLockIsSeenFromEveryNode() {
        Map<byte[], byte[]> lock = Map.of(
                RedisContent.bytes("restore"),
                RedisContent.bytes("restore of x to y"),
                RedisContent.bytes("part 1"),
                RedisContent.bytes("elsewhere"));
        RedisServer owner = cluster.nodeOf(HashSlot.of(ReservedKeys.RESTORE_LOCK));
        RedisContent.ask(owner, redis -> redis.hset(ReservedKeys.RESTORE_LOCK.array(), lock));

        for (RedisServer node : cluster.nodes()) {
            assertThatThrownBy(() -> restore(settings, node.uri(), options().replacing(), RestoreListener.silent()))
                    .hasMessageContaining("is locked: restore of x to y by elsewhere");
        }
        assertThat(read()).hasSize(1);
    }

    @Test
    void slotsThatMoveWhileItIsFilledAreFollowed() {
        List<Integer> slots = expected().keySet().stream()
                .map(name -> HashSlot.of(name.key()))
                .distinct()
                .sorted()
                .toList();
        // Half of them are gone for good at the first write, the others are on their way until all is written.
        List<Integer> gone = slots.subList(0, 12);
        List<Integer> onTheirWay = slots.subList(slots.size() - 12, slots.size());
        List<SlotMove> moves = new ArrayList<>();
        boolean[] begun = {false};

        RestoreReport report = restore(options(), progress -> {
            if (progress.phase() == Phase.WRITING && !begun[0]) {
                begun[0] = true;
                gone.forEach(slot -> cluster.moveSlot(slot, anotherThan(slot)));
                onTheirWay.forEach(slot -> moves.add(cluster.beginMove(slot, anotherThan(slot))));
            }
            if (progress.phase() == Phase.PROVING && !moves.isEmpty()) {
                moves.forEach(SlotMove::finish);
                moves.clear();
            }
        });

        assertThat(begun[0]).isTrue();
        assertThat(report.isProven()).isTrue();
        assertThat(report.limits()).anyMatch(limit -> limit.contains("slots of the Cluster moved"));
        assertThat(read()).isEqualTo(expected());
    }

    /** Whoever moves slots of a new Cluster moves them to a node that had none. */
    @Test
    void slotsThatGoToANewPrimaryWhenTheirKeysAreWrittenAreReadThere() {
        try (RedisCluster growing = RedisCluster.start()) {
            RestoreReport report = restore(settings, growing.uris().get(0), options(), onceAllIsWritten(() -> {
                RedisServer added = growing.addPrimary();
                expected().keySet().stream()
                        .map(name -> HashSlot.of(name.key()))
                        .distinct()
                        .limit(3)
                        .forEach(slot -> growing.moveSlot(slot, added));
            }));

            assertThat(report.isProven()).isTrue();
            assertThat(report.limits()).contains("3 slots of the Cluster moved while it was filled");
        }
    }

    @Test
    void aReplicaThatTakesOverWhenItsKeysAreWrittenIsReadInPlaceOfItsPrimary() {
        try (RedisCluster pairs =
                RedisCluster.start(RedisCluster.Options.defaults().withReplicasEach(1))) {
            RestoreReport report = restore(settings, pairs.uris().get(0), options(), onceAllIsWritten(() -> {
                RedisServer primary = pairs.nodeOf(0);
                pairs.failover(pairs.replicasOf(primary).get(0), ClusterFailover.ORDERLY);
            }));

            assertThat(report.isProven()).isTrue();
            assertThat(report.limits()).anyMatch(limit -> limit.contains("slots of the Cluster moved"));
        }
    }

    @Test
    void keysThatGoToAPrimaryWhichIsReadAlreadyAreFoundByASecondReading() {
        requireProvenThough(
                (moving, slots) -> move(moving, slots.of(moving.nodeOf(HashSlot.COUNT - 1)), moving.nodeOf(0)));
    }

    @Test
    void keysThatGoAwayBetweenTheirNameAndTheirValueAreFoundByASecondReading() {
        requireProvenThough(
                (moving, slots) -> move(moving, slots.of(moving.nodeOf(0)), moving.nodeOf(HashSlot.COUNT - 1)));
    }

    @Test
    void whatTwoReadingsMissIsMissing() {
        int[] readings = {0};

        RestoreReport report = restore(options(), progress -> {
            if (progress.phase() == Phase.PROVING && progress.keys() == 0 && readings[0]++ == 0) {
                Bytes key = expected().keySet().iterator().next().key();
                RedisContent.ask(cluster.nodeOf(HashSlot.of(key)), redis -> redis.del(key.array()));
            }
        });

        assertThat(report.exitCode()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(readings[0]).isGreaterThan(1);
    }

    private interface SlotsOf {
        List<Integer> of(RedisServer node);
    }

    /** @param moves made once, while the first primary is read: all of its names are known by then, and not all of its values */
    private void requireProvenThough(BiConsumer<RedisCluster, SlotsOf> moves) {
        try (RedisCluster moving = RedisCluster.start()) {
            SlotsOf slots = node -> slotsWithoutExpiries().stream()
                    .filter(slot -> moving.nodeOf(slot).equals(node))
                    .toList();
            boolean[] moved = {false};

            RestoreReport report = restore(settings, moving.uris().get(0), options(), progress -> {
                if (progress.phase() == Phase.PROVING && progress.keys() == 0 && !moved[0]) {
                    leaveAPiece(moving.nodeOf(0));
                }
                if (progress.phase() == Phase.PROVING && progress.keys() > 0 && !moved[0]) {
                    moved[0] = true;
                    moves.accept(moving, slots);
                }
            });

            assertThat(moved[0]).isTrue();
            assertThat(report.isProven()).isTrue();
            assertThat(report.limits())
                    .as("what the first reading took away")
                    .anyMatch(limit -> limit.startsWith("1 keys tidemark:restore-pieces"));
        }
    }

    private static void leaveAPiece(RedisServer firstRead) {
        Bytes piece = RestorePieces.of(RestorePart.WHOLE, Bytes.utf8("{" + HashSlot.tagIn(0) + "}"), true);
        RedisContent.ask(firstRead, redis -> redis.set(piece.array(), RedisContent.bytes("half")));
    }

    /** What expires may do so a millisecond later where it was moved to. */
    private Set<Integer> slotsWithoutExpiries() {
        Set<Integer> slots = new HashSet<>();
        Set<Integer> expiring = new HashSet<>();
        source.stateAt(source.last()).forEach((name, state) -> {
            slots.add(HashSlot.of(name.key()));
            if (state.expireAtMillis().isPresent()) {
                expiring.add(HashSlot.of(name.key()));
            }
        });
        slots.removeAll(expiring);
        return slots;
    }

    private static void move(RedisCluster moving, List<Integer> slots, RedisServer to) {
        assertThat(slots).isNotEmpty();
        slots.forEach(slot -> moving.moveSlot(slot, to));
    }

    /** The last file is told of when it is read, and once more when the target has taken everything. */
    private static RestoreListener onceAllIsWritten(Runnable then) {
        int[] told = {0};
        return progress -> {
            if (progress.phase() == Phase.WRITING && progress.filesRead() == progress.files() && ++told[0] == 2) {
                then.run();
            }
        };
    }

    @Test
    void largeValuesAndLibrariesComeToEveryNode() throws IOException {
        Settings small = settings(SMALL);
        Map<Name, Object> expected = new HashMap<>();
        try (Archive archive = Archive.open(small.s3(), SMALL)) {
            SmallSource source = new SmallSource(archive);
            scratchContent
                    .redis()
                    .functionLoad("#!lua name=ours\nredis.register_function('one', function() return 1 end)");
            source.define("functions", scratchContent.redis().functionDump());
            for (String key : List.of("a", "b}c", "{x}y", "")) {
                byte[] content = RedisContent.bytes(("of " + key + " ").repeat(300_000));
                source.put(0, key, source.blob("string", content), OptionalLong.empty());
                expected.put(new Name(0, Bytes.utf8(key)), List.of(Bytes.wrap(content), OptionalLong.empty()));
            }
            source.archive();
        }

        RestoreReport report =
                restore(small, cluster.uris().get(0), RestoreOptions.careful(), RestoreListener.silent());

        assertThat(report.isProven()).isTrue();
        assertThat(read()).isEqualTo(expected);
        assertThat(cluster.nodes()).allMatch(node -> !RedisContent.ask(node, redis -> redis.functionList("ours"))
                .isEmpty());
    }

    private RedisServer anotherThan(int slot) {
        RedisServer owner = cluster.nodeOf(slot);
        return cluster.nodes().stream()
                .filter(node -> !node.equals(owner))
                .findFirst()
                .orElseThrow();
    }

    private static RestoreOptions options() {
        return RestoreOptions.careful().only(ONLY_ITS_DATABASE);
    }

    private Settings settings(String name) {
        Settings base = RestoreTest.settings(s3, name, 1);
        return Settings.of(SourceSettings.of(name, 1), base.redis(), base.kafka(), base.s3());
    }

    private Map<Name, Object> expected() {
        Map<Name, State> all = source.stateAt(source.last());
        all.keySet().removeIf(name -> name.db() != 0);
        return scratchContent.asRead(all);
    }

    private Map<Name, Object> read() {
        Map<Name, Object> found = new HashMap<>();
        Set<RedisServer> primaries =
                cluster.primaries().stream().map(RedisCluster.Primary::server).collect(Collectors.toSet());
        for (RedisServer node : primaries) {
            try (RedisContent content = new RedisContent(node.uri())) {
                found.putAll(content.read(1));
            }
        }
        return found;
    }

    private void requireRefused(RestoreOptions options, String words) {
        assertThatThrownBy(() -> restore(options, RestoreListener.silent()))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.TARGET_REFUSED))
                .hasMessageContaining(words);
    }

    private RestoreReport restore(RestoreOptions options, RestoreListener listener) {
        return restore(settings, cluster.uris().get(1), options, listener);
    }

    private static RestoreReport restore(Settings used, URI entry, RestoreOptions options, RestoreListener listener) {
        try (Restorer restorer = Restorer.open(used)) {
            RestorePlan plan = restorer.plan(Optional.empty(), false);
            return restorer.restore(plan, RestoreTarget.at(entry), options, listener);
        }
    }
}
