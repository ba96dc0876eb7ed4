package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.settings.CompactorSettings;
import dev.tidemark.servers.Await;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One shard's work, step by step, on clocks turned by hand. */
class ShardCompactorTest {
    @RegisterExtension
    static LiveSource source = new LiveSource();

    @Test
    void whoSleptUntilItsPlaceWasGivenUpFillsNoEmptySlot() {
        LiveShard shard = source.shards.get(0);
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
            List<SegmentKey> all = source.archive.slots().of(number -> number == 0);
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
            source.archive.pruning().mark(mark);
            source.archive.pruning().delete(mark, outcome -> {});
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
        LiveShard shard = source.shards.get(0);
        AtomicLong losersNanos = new AtomicLong();
        shard.steps(50);
        CompactorSettings small =
                source.ground.settings("alone", LiveSource.CUT_AGE, 500).compactor();
        try (ShardCompactor loser = ofFirstShard(losersNanos::get)) {
            archiveAllBy(loser);
            int slots = source.archive.slots().of(number -> number == 0).size();
            shard.log.passHour();
            shard.steps(500);
            try (ShardCompactor winner = ofFirstShard(
                    System::nanoTime,
                    small,
                    () -> source.archive.slots().of(number -> number == 0).size() > slots)) {
                winner.wake(shard.log.tidemarks.size() - 1L);
                winner.step();
            }
            Segment last = source.archive.last(0, 1, Optional.empty()).orElseThrow();

            loser.wake(shard.log.tidemarks.size() - 1L);
            loser.step();
            losersNanos.addAndGet(2 * LiveSource.CUT_AGE.toNanos());
            loser.step();

            Progress told = source.archive.progress(0).orElseThrow();
            assertThat(source.archive.last(0, 1, Optional.empty())).contains(last);
            assertThat(told.frontier()).isLessThanOrEqualTo(last.end());
            assertThat(told.hour().orElseThrow()).isLessThanOrEqualTo(last.key().hour());
            archiveAllBy(loser);
        }
    }

    /** The shard's clock is turned by hand, with a claim each second as capture makes them; the rest is as it is by default. */
    @Test
    void whatLiesOnS3StaysYoungHoweverLittleHappens() {
        LiveShard shard = source.shards.get(0);
        AtomicLong nanos = new AtomicLong();
        shard.log.write();
        try (ShardCompactor compactor = ofFirstShard(nanos::get, CompactorSettings.defaults())) {
            int segmentsIdle = 0;
            for (int second = 0; second < 360; second++) {
                // Nothing for two minutes, then a change a minute.
                if (second == 120) {
                    segmentsIdle =
                            source.archive.segments(number -> number == 0).size();
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
                    assertThat(ArchiveCheck.told(source.archive, 0).mapToLong(ClaimInterval::throughMicros))
                            .contains(archived);
                }
                long claimed = ((Tidemark) shard.log.tidemarks.get(shard.log.tidemarks.size() - 1)).throughMicros();
                assertThat(claimed + 1_000_000 - archived)
                        .as("age in microseconds of what is on S3, just before claim %d", second + 1)
                        .isLessThan(90_000_000);
            }
            assertThat(source.archive.segments(number -> number == 0)).hasSize(segmentsIdle + 4);
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
        try (Archive whole = Archive.openWhole(
                source.ground.settings("reader", LiveSource.CUT_AGE, 1).s3(), source.ground.source())) {
            return whole.slots().of(number -> true);
        }
    }

    private ShardCompactor ofFirstShard(LongSupplier nanoClock) {
        return ofFirstShard(
                nanoClock,
                source.ground
                        .settings("alone", LiveSource.CUT_AGE, LiveSource.SEGMENT_BYTES_MAX)
                        .compactor());
    }

    private ShardCompactor ofFirstShard(LongSupplier nanoClock, CompactorSettings settings) {
        return ofFirstShard(nanoClock, settings, () -> false);
    }

    private ShardCompactor ofFirstShard(
            LongSupplier nanoClock, CompactorSettings settings, BooleanSupplier isStopping) {
        return new ShardCompactor(
                0,
                1,
                source.archive,
                new ShardLog(source.ground.kafka(), source.ground.topics(), LiveSource.LIMIT),
                () -> {},
                settings,
                isStopping,
                nanoClock,
                new CompactorMetrics(new SimpleMeterRegistry(), Ground.SHARDS));
    }

    private void archiveAllBy(ShardCompactor compactor) {
        LiveShard shard = source.shards.get(0);
        shard.idle();
        compactor.reopen();
        compactor.wake(shard.log.tidemarks.size() - 1L);
        List<ClaimInterval> claims = shard.log.claimsThatGoOn();
        long claimed = claims.get(claims.size() - 1).offset();
        Await.until(
                LiveSource.LIMIT,
                () -> {
                    compactor.step();
                    return compactor.frontier() >= claimed;
                },
                "all that is claimed is archived");
    }
}
