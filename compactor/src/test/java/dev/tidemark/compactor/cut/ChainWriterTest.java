package dev.tidemark.compactor.cut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compactor.cut.GeneratedLog.Row;
import dev.tidemark.compactor.cut.SlotMap.Stored;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.EpochClaimed;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Several writers on one shard in every order: the chain is unbroken and each row that counts is in it once. */
class ChainWriterTest {
    private static final int STEPS_MAX = 1_000_000;

    @Property(tries = 1_500)
    void everyInterleavingOfWritersLeavesOneUnbrokenChain(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int writers, @ForAll boolean lawful) {
        Random random = new Random(seed);
        GeneratedLog log = new GeneratedLog(random, 20 + random.nextInt(150), lawful, 12);
        SlotMap slots = new SlotMap();
        long bytesMax = 64L + random.nextInt(3_000);
        List<SteppedWriter> contenders = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            contenders.add(new SteppedWriter(log, slots, bytesMax));
        }

        int schedule = random.nextInt(2_000);
        for (int i = 0; i < schedule; i++) {
            SteppedWriter next = contenders.get(random.nextInt(writers));
            if (random.nextInt(60) == 0) {
                next.crash();
            } else {
                next.step(random);
            }
        }
        for (SteppedWriter each : contenders) {
            finish(each, random);
        }

        SteppedWriter last = contenders.get(writers - 1);
        checkChain(log, slots, bytesMax);
        checkReach(log, slots, last, lawful);
        checkClaims(log, slots, last);
    }

    private static void finish(SteppedWriter writer, Random random) {
        int steps = 0;
        while (writer.step(random)) {
            assertThat(steps++).as("steps to the end of the log").isLessThan(STEPS_MAX);
            if (!writer.hasWorkThatLeadsOn()) {
                return;
            }
        }
    }

    private static void checkChain(GeneratedLog log, SlotMap slots, long bytesMax) {
        List<Row> rows = new ArrayList<>();
        long frontier = 0;
        for (Stored stored : slots.inOrder()) {
            Segment segment = stored.segment();
            assertThat(segment.key().frontier())
                    .as("where the next segment starts")
                    .isEqualTo(frontier);
            assertThat(segment.rows()).isEqualTo(stored.rows().size());
            assertThat(stored.rows()).as("a file never straddles an hour").allMatch(row -> Hour.of(
                            row.row().timeMicros())
                    .equals(segment.key().hour()));
            assertThat(stored.sizeBytes() <= bytesMax || segment.rows() <= 1)
                    .as("%d bytes where %d are the bound", stored.sizeBytes(), bytesMax)
                    .isTrue();
            rows.addAll(stored.rows());
            frontier = segment.end();
        }
        assertThat(rows).as("each row that counts, once").isEqualTo(log.rowsThatCountBelow(frontier));
    }

    private static void checkReach(GeneratedLog log, SlotMap slots, SteppedWriter last, boolean lawful) {
        List<ClaimInterval> claims = log.claimsThatGoOn();
        long claimed = claims.isEmpty() ? 0 : claims.get(claims.size() - 1).offset();
        long reached = slots.last().map(Segment::end).orElse(0L);
        assertThat(last.chain().end().offset()).isEqualTo(reached);
        assertThat(reached).isLessThanOrEqualTo(claimed);
        assertThat(log.rowsThatCountBelow(reached))
                .as("everything that counts and is claimed is in a segment")
                .isEqualTo(log.rowsThatCountBelow(claimed));
        if (lawful) {
            assertThat(reached).as("a lawful claim ends with a row that counts").isEqualTo(claimed);
        }
    }

    private static void checkClaims(GeneratedLog log, SlotMap slots, SteppedWriter last) {
        List<ClaimInterval> made = log.claimsThatCount();
        List<ClaimInterval> carried = new ArrayList<>();
        slots.inOrder().forEach(stored -> carried.addAll(stored.segment().claims()));
        assertThat(carried).as("nothing is claimed that capture did not claim").allSatisfy(interval -> assertThat(made)
                .anyMatch(claim -> claim.base().equals(interval.base())
                        && claim.throughMicros() == interval.throughMicros()
                        && claim.offset() == interval.offset()));
        last.chain().latestReached().ifPresent(carried::add);
        long reached = slots.last().map(Segment::end).orElse(0L);
        for (ClaimInterval claim : log.claimsThatGoOn()) {
            if (claim.offset() <= reached) {
                assertThat(carried)
                        .as("%s is in a segment, or is the latest", claim)
                        .anyMatch(it -> it.base().equals(claim.base()) && it.throughMicros() >= claim.throughMicros());
            }
        }
    }

    /** Its hour may be rolled up: nothing came in it any more, and claims went on past its end. */
    @Example
    void whatAFencedOwnerWritesFirstAfterAnIdleHourMakesNoSegmentInIt() {
        Hour idle = Hour.of(1_763_647_200_000_000L);
        long end = RedisTime.micros(idle.end());
        Base base = new Base(1, 3, 5);
        ChainWriter writer = new ChainWriter(
                new ChainEnd(0, 1, 100, 5, end - 60_000_000, Optional.of(idle), OptionalInt.of(3)), 1 << 20);
        writer.claim(new Tidemark(5, 0, base, end + 90_000_000, 102, 0, List.of()));

        writer.begin(102);
        assertThat(writer.offer(100, OptionalInt.of(3), new EpochClaimed(4, end - 90_000_000))
                        .before())
                .isEmpty();
        assertThat(writer.offer(101, OptionalInt.of(4), new EpochClaimed(6, end + 60_000_000))
                        .before())
                .isEmpty();

        Cut cut = writer.finish().orElseThrow();
        SegmentKey key = cut.key();
        assertThat(cut.leaderEpoch()).hasValue(4);
        assertThat(key.hour()).isEqualTo(idle.next());
        assertThat(key.frontier()).isEqualTo(100);
    }

    @Example
    void moreResyncsThanASegmentCanTellOfAreSpreadOverSeveral() {
        ChainWriter writer = new ChainWriter(ChainEnd.beginning(0, 1), 1 << 20);
        int resyncs = 3 * Segment.CLAIMS_MAX + 1;
        for (int i = 0; i < resyncs; i++) {
            writer.claim(new Tidemark(1, 0, new Base(10L * i, 10L * i + 5, i), i + 1, 10L * i + 8, 0, List.of()));
        }

        List<Integer> carried = new ArrayList<>();
        while (writer.target().isPresent()) {
            long target = writer.target().getAsLong();
            writer.begin(target);
            writer.offer(
                    writer.end().offset(),
                    OptionalInt.empty(),
                    new EpochClaimed(writer.end().epoch() + 1, 1));
            Cut cut = writer.finish().orElseThrow();
            assertThat(cut.end()).isEqualTo(target);
            carried.add(cut.claims().size());
            writer.won(cut);
        }

        assertThat(carried).containsExactly(Segment.CLAIMS_MAX, Segment.CLAIMS_MAX, Segment.CLAIMS_MAX, 1);
    }

    @Example
    void manyClaimsOfAStandstillAreKeptInBoundedMemoryAndNoneIsForgotten() {
        ChainWriter writer = new ChainWriter(ChainEnd.beginning(0, 1), 1 << 20);
        Base base = new Base(0, 1, 1);
        for (int i = 0; i < 100_000; i++) {
            writer.claim(new Tidemark(1, 0, base, i + 1, 2 + i, i, List.of()));
        }

        assertThat(writer.target()).hasValue(100_001);
        writer.begin(100_001);
        writer.offer(0, OptionalInt.empty(), new EpochClaimed(0, 1));
        Cut cut = writer.finish().orElseThrow();

        assertThat(cut.claims()).containsExactly(new ClaimInterval(base, 100_000, 100_001, 99_999));
    }
}
