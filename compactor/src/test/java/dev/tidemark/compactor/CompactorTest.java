package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.Archive;
import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.compactor.ShardStatus.State;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

class CompactorTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();
    private static final Duration CUT_AGE = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int SEGMENT_BYTES_MAX = 20_000;

    private static KafkaBroker kafka;
    private static S3Endpoint s3;

    @TempDir
    Path stateDir;

    private Ground ground;
    private Archive archive;
    private List<LiveShard> shards;
    /** Of the compactor that was started last. */
    private MeterRegistry registry;

    @BeforeAll
    static void start() {
        kafka = KafkaBroker.start();
        s3 = S3Endpoint.start();
    }

    @AfterAll
    static void stop() {
        s3.close();
        kafka.close();
    }

    @BeforeEach
    void prepare() {
        ground = new Ground(
                "source-" + SOURCES.incrementAndGet(),
                kafka.bootstrap(),
                s3.uri(),
                s3.bucket(),
                s3.accessKey(),
                s3.secretKey(),
                stateDir);
        ground.createTopics();
        archive = ground.archive();
        shards = List.of(
                new LiveShard(ground.kafka(), ground.topics(), 0, 11),
                new LiveShard(ground.kafka(), ground.topics(), 1, 12));
    }

    @AfterEach
    void close() {
        s3.faults().clear();
        shards.forEach(LiveShard::close);
        archive.close();
    }

    @Test
    void rivalsForEverySlotLeaveOneChainWhateverTheStoreDoes() {
        // Two groups, so that both work on all shards all the time, which otherwise only a zombie does.
        try (Compactor one = start("one", SEGMENT_BYTES_MAX);
                Compactor other = start("other", SEGMENT_BYTES_MAX / 3)) {
            produce(300);
            Injection lost = s3.faults().loseAnswers(12, S3Requests.puts().under(ground.source() + "/segments"));
            Injection refused = s3.faults().failRatio(0.3, 503, S3Requests.all().under(ground.source()));
            produce(300);
            refused.close();
            Injection slow = s3.faults().delay(Duration.ofMillis(250), S3Requests.puts());
            produce(400);
            slow.close();
            finish();

            assertThat(lost.hits()).isPositive();
            assertThat(refused.hits()).isPositive();
            assertThat(slow.hits()).isPositive();
            assertThat(one.shards()).hasSize(2).allMatch(shard -> shard.state() == State.FOLLOWING);
            assertThat(other.shards()).hasSize(2);
        }
        assertArchived();
    }

    @Test
    void hoursThatAreOverAreRolledUp() {
        try (Compactor compactor = start("one", SEGMENT_BYTES_MAX)) {
            produce(600);
            finish();
            Hour last = archive.segments(shard -> true).stream()
                    .map(segment -> segment.key().hour())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            Await.until(
                    LIMIT,
                    () -> archive.rolled().latest(Optional.empty()).isPresent(),
                    "the first hour, %s, is rolled up".formatted(last));
            assertThat(compactor.shards()).allMatch(shard -> shard.state() == State.FOLLOWING);
        }
        Hour hour = archive.rolled().hours(Optional.empty()).get(0);
        for (RollUp rollUp : archive.rolled().marker(hour).orElseThrow().shards()) {
            List<ArchivedRow> inSegments = new ArrayList<>();
            archive.segmentsOf(hour).stream()
                    .filter(segment -> segment.key().shard() == rollUp.key().shard())
                    .forEach(segment -> {
                        try (SegmentRows<ArchivedRow> rows = archive.rows(segment)) {
                            rows.forEachRemaining(inSegments::add);
                        }
                    });
            assertThat(inSegments).hasSize((int) rollUp.rows());
        }
    }

    @Test
    void aStoreThatIsAwayIsWaitedForAndWorkGoesOnByItself() {
        try (Compactor compactor = start("one", SEGMENT_BYTES_MAX)) {
            produce(100);
            s3.down();
            produce(100);
            Await.until(
                    LIMIT,
                    () -> compactor.shards().stream().anyMatch(shard -> shard.state() == State.RETRYING),
                    "a shard notices that the store is away");
            s3.up();
            finish();

            Await.until(
                    LIMIT,
                    () -> compactor.shards().stream().allMatch(shard -> shard.state() == State.FOLLOWING),
                    "every shard has recovered");
        }
        assertArchived();
    }

    @Test
    void aRestartGoesOnWhereTheArchiveEnds() {
        try (Compactor first = start("one", SEGMENT_BYTES_MAX)) {
            produce(200);
            ArchiveCheck.awaitAll(archive, shards.get(0), LIMIT);
            // A shard that moves from one thread to another is nobody's for a moment.
            Await.until(LIMIT, () -> first.shards().size() == 2, "both shards are worked on");
        }
        produce(200);
        long before = archive.last(0, 1, Optional.empty()).orElseThrow().end();
        try (Compactor second = start("one", SEGMENT_BYTES_MAX)) {
            produce(50);
            finish();
            assertThat(second.shards()).allMatch(shard -> shard.frontier() >= before || shard.shard() == 1);
        }
        assertArchived();
    }

    @Test
    void anIdleShardTellsItsLatestClaimWithoutAFile() {
        try (Compactor compactor = start("one", SEGMENT_BYTES_MAX)) {
            produce(50);
            finish();
            List<Segment> before = archive.segments(shard -> true);

            for (int i = 0; i < 3; i++) {
                shards.forEach(LiveShard::idle);
                for (LiveShard shard : shards) {
                    ClaimInterval latest = lastOf(shard.log.claimsThatGoOn());
                    Await.until(
                            LIMIT,
                            () -> archive.progress(shard.shard)
                                    .flatMap(Progress::claim)
                                    .filter(claim -> ArchiveCheck.isSame(claim, latest))
                                    .isPresent(),
                            "progress tells the latest claim");
                }
            }

            assertThat(archive.segments(shard -> true)).isEqualTo(before);
            assertThat(compactor.shards()).hasSize(2);
        }
    }

    private static ClaimInterval lastOf(List<ClaimInterval> claims) {
        return claims.get(claims.size() - 1);
    }

    @Test
    void aBrokerThatIsAwayIsWaitedFor() {
        try (Compactor compactor = start("one", SEGMENT_BYTES_MAX)) {
            produce(100);
            ArchiveCheck.awaitAll(archive, shards.get(0), LIMIT);
            kafka.kill();
            kafka.restart();
            produce(100);
            finish();
            assertThat(compactor.shards()).isNotEmpty();
        }
        assertArchived();
    }

    @Test
    void aHoleInTheLogStopsThatShardAndNoOther() throws Exception {
        produce(100);
        archiveAll();
        List<Segment> before = archive.segments(shard -> shard == 0);
        produce(200);
        deleteChanges(0, shards.get(0).log.changes.size() - 5);

        try (Compactor compactor = start("one", SEGMENT_BYTES_MAX)) {
            shards.get(1).idle();
            ArchiveCheck.awaitAll(archive, shards.get(1), LIMIT);
            Await.until(
                    LIMIT,
                    () -> compactor.shards().stream()
                            .anyMatch(shard -> shard.shard() == 0 && shard.state() == State.STOPPED),
                    "shard 0 has stopped");

            assertThat(compactor.shards())
                    .filteredOn(shard -> shard.shard() == 0)
                    .allSatisfy(shard -> assertThat(shard.reason())
                            .contains("deleted before they were archived")
                            .contains("stays restorable"));
        }
        assertThat(archive.segments(shard -> shard == 0)).isEqualTo(before);
        ArchiveCheck.checkChain(archive, shards.get(1));
    }

    private void deleteChanges(int shard, long before) throws Exception {
        delete(new TopicPartition(ground.topics().changes(), shard), before);
    }

    private void delete(TopicPartition partition, long before) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
                    .all()
                    .get();
        }
    }

    @Test
    void aStoppedShardIsLookedAtAnewAndGoesOnWhenTheDamageHasPassed() {
        produce(100);
        archiveAll();
        String foreign = ground.source() + "/" + new SegmentKey(new Hour(LocalDate.of(9000, 1, 1), 0), 0, 1, 1).path();
        try (S3Client bucket = client();
                Compactor compactor = startWith(() -> bucket.putObject(
                        put -> put.bucket(s3.bucket()).key(foreign), RequestBody.fromString("no segment")))) {
            Await.until(
                    LIMIT,
                    () -> compactor.health().unready().stream().anyMatch(each -> each.startsWith("shard 0 is stopped")),
                    "shard 0 has stopped and says so");
            assertThat(compactor.health().isAlive()).isTrue();
            assertThat(metric("tidemark.compactor.shards", "state", "stopped")).isEqualTo(1);

            bucket.deleteObject(delete -> delete.bucket(s3.bucket()).key(foreign));

            Await.until(LIMIT, () -> compactor.health().isReady(), "the shard has looked again");
            produce(100);
            finish();
            assertThat(metric("tidemark.compactor.shards", "state", "following"))
                    .isEqualTo(2);
            assertThat(metric("tidemark.compactor.segments", "shard", "0")).isPositive();
            assertThat(metric("tidemark.compactor.put.answers", "answer", "accepted"))
                    .isPositive();
            // The generated log is of the year 2015.
            assertThat(metric("tidemark.compactor.archived.age", "shard", "0")).isGreaterThan(1e8);
        }
        assertThat(registry.find("tidemark.compactor.archived.age").gauges()).isEmpty();
        assertArchived();
    }

    @Test
    void whoSleptUntilItsPlaceWasGivenUpFillsNoEmptySlot() {
        LiveShard shard = shards.get(0);
        AtomicLong sleepersNanos = new AtomicLong();
        try (ShardCompactor sleeper = ofFirstShard(sleepersNanos::get);
                ShardCompactor other = ofFirstShard(System::nanoTime)) {
            shard.steps(50);
            archiveAllBy(sleeper);
            long itsPlace = sleeper.frontier();
            shard.steps(500);
            // It knows of more, and is about to wait for it to come of age when it falls asleep.
            sleeper.wake(shard.log.tidemarks.size() - 1L);
            sleeper.step();
            assertThat(sleeper.frontier()).isEqualTo(itsPlace);
            archiveAllBy(other);
            List<SegmentKey> all = archive.slots(number -> number == 0);
            SegmentKey kept = all.get(all.size() - 1);
            assertThat(all)
                    .anyMatch(slot -> slot.frontier() == itsPlace && slot.hour().compareTo(kept.hour()) < 0);
            Pruned mark = new Pruned(
                    new PrunedKey(1),
                    0,
                    0,
                    kept.hour(),
                    1,
                    List.of(firstOf(kept.hour(), all)),
                    0,
                    kept.hour().date());
            archive.pruning().mark(mark);
            archive.pruning().delete(mark, outcome -> {});
            List<SegmentKey> left = everySlot();

            sleepersNanos.addAndGet(Duration.ofHours(30).toNanos());
            sleeper.wake(shard.log.tidemarks.size() - 1L);
            sleeper.step();

            assertThat(everySlot()).isEqualTo(left);
            assertThat(sleeper.frontier()).isEqualTo(itsPlace);
            archiveAllBy(sleeper);
            assertThat(sleeper.frontier()).isEqualTo(other.frontier());
            assertThat(everySlot()).isEqualTo(left);
        }
    }

    /** Its own segment was on its way, and longer than the one that was there first. */
    @Test
    void whoLosesASlotTellsNoProgressBeyondTheWinnersEnd() {
        LiveShard shard = shards.get(0);
        AtomicLong losersNanos = new AtomicLong();
        shard.steps(50);
        CompactorSettings small = ground.settings("alone", CUT_AGE, 500).compactor();
        try (ShardCompactor loser = ofFirstShard(losersNanos::get)) {
            archiveAllBy(loser);
            int slots = archive.slots(number -> number == 0).size();
            shard.log.passHour();
            shard.steps(500);
            try (ShardCompactor winner = ofFirstShard(
                    System::nanoTime,
                    small,
                    () -> archive.slots(number -> number == 0).size() > slots)) {
                winner.wake(shard.log.tidemarks.size() - 1L);
                winner.step();
            }
            Segment last = archive.last(0, 1, Optional.empty()).orElseThrow();

            loser.wake(shard.log.tidemarks.size() - 1L);
            loser.step();
            losersNanos.addAndGet(2 * CUT_AGE.toNanos());
            loser.step();

            Progress told = archive.progress(0).orElseThrow();
            assertThat(archive.last(0, 1, Optional.empty())).contains(last);
            assertThat(told.frontier()).isLessThanOrEqualTo(last.end());
            assertThat(told.hour().orElseThrow()).isLessThanOrEqualTo(last.key().hour());
            archiveAllBy(loser);
        }
    }

    /** The shard's clock is turned by hand, with a claim each second as capture makes them; the rest is as it is by default. */
    @Test
    void whatLiesOnS3StaysYoungHoweverLittleHappens() {
        LiveShard shard = shards.get(0);
        AtomicLong nanos = new AtomicLong();
        shard.log.write();
        try (ShardCompactor compactor = ofFirstShard(nanos::get, CompactorSettings.defaults())) {
            int segmentsIdle = 0;
            for (int second = 0; second < 360; second++) {
                // Nothing for two minutes, then a change a minute.
                if (second == 120) {
                    segmentsIdle = archive.segments(number -> number == 0).size();
                }
                if (second >= 120 && second % 60 == 0) {
                    shard.log.write();
                }
                shard.idle();
                compactor.wake(shard.log.tidemarks.size() - 1L);
                long archivedBefore = compactor.archivedMicros();
                for (Duration now = Duration.ZERO; now.toSeconds() < 1; now = now.plus(ShardProcessor.PACE)) {
                    compactor.step();
                    nanos.addAndGet(ShardProcessor.PACE.toNanos());
                }
                long archived = compactor.archivedMicros();
                if (archived > archivedBefore) {
                    assertThat(ArchiveCheck.told(archive, 0).mapToLong(ClaimInterval::throughMicros))
                            .contains(archived);
                }
                long claimed = ((Tidemark) shard.log.tidemarks.get(shard.log.tidemarks.size() - 1)).throughMicros();
                assertThat(claimed + 1_000_000 - archived)
                        .as("age in microseconds of what is on S3, just before claim %d", second + 1)
                        .isLessThan(90_000_000);
            }
            assertThat(archive.segments(number -> number == 0)).hasSize(segmentsIdle + 4);
        }
    }

    private static long firstOf(Hour hour, List<SegmentKey> slots) {
        return slots.stream()
                .filter(slot -> slot.hour().equals(hour))
                .mapToLong(SegmentKey::frontier)
                .min()
                .orElseThrow();
    }

    /** Those too that are given up. */
    private List<SegmentKey> everySlot() {
        try (Archive whole =
                Archive.openWhole(ground.settings("reader", CUT_AGE, 1).s3(), ground.source())) {
            return whole.slots(number -> true);
        }
    }

    private ShardCompactor ofFirstShard(LongSupplier nanoClock) {
        return ofFirstShard(
                nanoClock, ground.settings("alone", CUT_AGE, SEGMENT_BYTES_MAX).compactor());
    }

    private ShardCompactor ofFirstShard(LongSupplier nanoClock, CompactorSettings settings) {
        return ofFirstShard(nanoClock, settings, () -> false);
    }

    private ShardCompactor ofFirstShard(
            LongSupplier nanoClock, CompactorSettings settings, BooleanSupplier isStopping) {
        return new ShardCompactor(
                0,
                1,
                archive,
                new ShardLog(ground.kafka(), ground.topics(), LIMIT),
                () -> {},
                settings,
                isStopping,
                nanoClock,
                new CompactorMetrics(new SimpleMeterRegistry(), Ground.SHARDS));
    }

    private void archiveAllBy(ShardCompactor compactor) {
        LiveShard shard = shards.get(0);
        shard.idle();
        compactor.reopen();
        compactor.wake(shard.log.tidemarks.size() - 1L);
        List<ClaimInterval> claims = shard.log.claimsThatGoOn();
        long claimed = claims.get(claims.size() - 1).offset();
        Await.until(
                LIMIT,
                () -> {
                    compactor.step();
                    return compactor.frontier() >= claimed;
                },
                "all that is claimed is archived");
    }

    private Compactor startWith(Runnable before) {
        before.run();
        return start("one", SEGMENT_BYTES_MAX);
    }

    private double metric(String name, String label, String value) {
        Meter meter = registry.get(name).tag(label, value).meter();
        return meter.measure().iterator().next().getValue();
    }

    private static S3Client client() {
        return S3Client.builder()
                .endpointOverride(s3.uri())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(s3.accessKey(), s3.secretKey())))
                .build();
    }

    @Test
    void everyDoubtThatCountsIsExplained() {
        produce(400);
        archiveAll();

        for (LiveShard shard : shards) {
            List<GapKey> expected = new ArrayList<>();
            long epoch = -1;
            for (int i = 0; i < shard.log.tidemarks.size(); i++) {
                ControlRecord record = shard.log.tidemarks.get(i);
                if (record instanceof Claim) {
                    epoch = i;
                } else if (record instanceof Doubt doubt && doubt.epoch() == epoch) {
                    expected.add(new GapKey(doubt.timeMicros(), shard.shard, 1, i));
                }
            }
            assertThat(expected).isNotEmpty();
            Await.until(LIMIT, () -> gapsOf(shard.shard).equals(expected), "each doubt of the shard is explained once");
            assertThat(archive.gap(expected.get(0))).hasValueSatisfying(gap -> {
                assertThat(gap.reason()).isEqualTo("coverage lost");
                assertThat(gap.node()).isEqualTo("n");
            });
        }
    }

    private List<GapKey> gapsOf(int shard) {
        return archive.gaps(0, Long.MAX_VALUE, 10_000).stream()
                .filter(gap -> gap.shard() == shard)
                .toList();
    }

    @Test
    void anOwnerWhoseClaimWasDeletedBeforeItWasReadIsBelieved() throws Exception {
        LiveShard shard = shards.get(0);
        List<ControlRecord> records = shard.log.tidemarks;
        records.add(tidemark(0, 10));
        records.add(new Claim("two"));
        records.add(tidemark(2, 20));
        records.add(new Doubt(2, 30, "why", "n"));
        shard.send();
        List<String> heard = new ArrayList<>();
        ControlReader.Listener listener = new ControlReader.Listener() {
            @Override
            public void claimed(Tidemark tidemark) {
                heard.add("claim through " + tidemark.throughMicros());
            }

            @Override
            public void doubted(long offset, Doubt doubt) {
                heard.add("doubt at " + offset);
            }
        };

        try (ShardLog log = new ShardLog(ground.kafka(), ground.topics(), Duration.ofSeconds(10))) {
            ControlReader reader = ControlReader.from(0, 0);
            reader.readTo(2, log, 0, listener);
            delete(new TopicPartition(ground.topics().tidemarks(), 0), 3);
            reader.readTo(5, log, 0, listener);
            reader.readTo(5, log, 0, listener);
        }

        assertThat(heard).containsExactly("claim through 10", "claim through 20", "doubt at 4");
    }

    private static Tidemark tidemark(long epoch, long through) {
        return new Tidemark(1, epoch, new Base(0, 1, 1), through, 5, 0, List.of());
    }

    @Test
    void recreatedTopicsAreRefusedByWhoeverIsAtWorkAndByWhoeverStarts() throws Exception {
        produce(50);
        try (Compactor atWork = start("one", SEGMENT_BYTES_MAX)) {
            finish();
            List<SegmentKey> archived = archive.slots(number -> true);
            List<Optional<Progress>> claimed = progress();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
                admin.deleteTopics(List.of(ground.topics().changes())).all().get();
            }
            Await.until(LIMIT, this::isRecreated, "the topic is there again");
            // Past the old end: what is claimed then can be read, at offsets of another log.
            shards.forEach(shard -> shard.sendAgainAnd(100));

            Await.until(
                    LIMIT,
                    () -> atWork.shards().stream()
                                    .filter(shard -> shard.state() == State.STOPPED
                                            && shard.reason().contains("created again"))
                                    .count()
                            == Ground.SHARDS,
                    "both shards are stopped");
            assertThat(archive.slots(number -> true)).isEqualTo(archived);
            assertThat(progress()).isEqualTo(claimed);
        }

        assertThatThrownBy(() -> start("one", SEGMENT_BYTES_MAX))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("deleted and created again");
    }

    private List<Optional<Progress>> progress() {
        return List.of(archive.progress(0), archive.progress(1));
    }

    private boolean isRecreated() {
        try {
            ground.createTopics();
            return true;
        } catch (TidemarkError notYet) {
            return false;
        }
    }

    @Test
    void aMissingTopicIsSaidAtOnce() {
        Ground nothing = new Ground(
                "nothing", kafka.bootstrap(), s3.uri(), s3.bucket(), s3.accessKey(), s3.secretKey(), stateDir);

        assertThatThrownBy(() -> Compactor.start(nothing.settings("x", CUT_AGE, SEGMENT_BYTES_MAX)))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("Start capture");
    }

    @Test
    void closingIsPromptEvenWhileTheStoreDoesNotAnswer() {
        Compactor compactor = start("one", SEGMENT_BYTES_MAX);
        Injection stuck = s3.faults().delay(Duration.ofMinutes(2), S3Requests.puts());
        produce(100);
        Await.until(LIMIT, () -> stuck.hits() > 0, "a request hangs");

        long began = System.nanoTime();
        compactor.close();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
        compactor.await();
    }

    private Compactor start(String group, long segmentBytesMax) {
        registry = new SimpleMeterRegistry();
        return Compactor.start(ground.settings(ground.source() + "-" + group, CUT_AGE, segmentBytesMax), registry);
    }

    private void produce(int steps) {
        for (int i = 0; i < steps / 10; i++) {
            shards.forEach(shard -> shard.steps(10));
        }
    }

    private void archiveAll() {
        try (Compactor compactor = start("one", SEGMENT_BYTES_MAX)) {
            finish();
            assertThat(compactor.shards()).isNotEmpty();
        }
    }

    private void finish() {
        shards.forEach(LiveShard::idle);
        shards.forEach(shard -> ArchiveCheck.awaitAll(archive, shard, LIMIT));
    }

    private void assertArchived() {
        for (LiveShard shard : shards) {
            assertThat(ArchiveCheck.checkChain(archive, shard))
                    .as("segments of shard %d", shard.shard)
                    .isGreaterThan(1);
        }
    }
}
