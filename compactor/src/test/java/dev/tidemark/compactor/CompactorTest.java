package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.SegmentRows;
import dev.tidemark.compactor.ShardStatus.State;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.ControlRecord;
import dev.tidemark.schemas.log.ControlRecord.Claim;
import dev.tidemark.schemas.log.ControlRecord.Doubt;
import dev.tidemark.schemas.log.Tidemark;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What whole compactors make of a log, on a real broker and a real S3. */
class CompactorTest {
    @RegisterExtension
    static LiveSource source = new LiveSource();

    @Test
    void rivalsForEverySlotLeaveOneChainWhateverTheStoreDoes() {
        // Two groups, so that both work on all shards all the time, which otherwise only a zombie does.
        try (Compactor one = source.start("one", LiveSource.SEGMENT_BYTES_MAX);
                Compactor other = source.start("other", LiveSource.SEGMENT_BYTES_MAX / 3)) {
            source.produce(300);
            Injection lost =
                    source.s3.faults().loseAnswers(12, S3Requests.puts().under(source.ground.source() + "/segments"));
            Injection refused =
                    source.s3.faults().failRatio(0.3, 503, S3Requests.all().under(source.ground.source()));
            source.produce(300);
            refused.close();
            Injection slow = source.s3.faults().delay(Duration.ofMillis(250), S3Requests.puts());
            source.produce(400);
            slow.close();
            source.finish();

            assertThat(lost.hits()).isPositive();
            assertThat(refused.hits()).isPositive();
            assertThat(slow.hits()).isPositive();
            awaitFollowing(one);
            awaitFollowing(other);
        }
        source.assertArchived();
    }

    @Test
    void hoursThatAreOverAreRolledUp() {
        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(600);
            source.finish();
            Hour last = source.archive.segments(shard -> true).stream()
                    .map(segment -> segment.key().hour())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
            Await.until(
                    LiveSource.LIMIT,
                    () -> source.archive.rolled().latest(Optional.empty()).isPresent(),
                    "the first hour, %s, is rolled up".formatted(last));
            awaitFollowing(compactor);
        }
        Hour hour = source.archive.rolled().hours(Optional.empty()).get(0);
        for (RollUp rollUp : source.archive.rolled().marker(hour).orElseThrow().shards()) {
            List<ArchivedRow> inSegments = new ArrayList<>();
            source.archive.segmentsOf(hour).stream()
                    .filter(segment -> segment.key().shard() == rollUp.key().shard())
                    .forEach(segment -> {
                        try (SegmentRows<ArchivedRow> rows = source.archive.rows(segment)) {
                            rows.forEachRemaining(inSegments::add);
                        }
                    });
            assertThat(inSegments).hasSize((int) rollUp.rows());
        }
    }

    @Test
    void aRestartGoesOnWhereTheArchiveEnds() {
        try (Compactor first = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(200);
            ArchiveCheck.awaitAll(source.archive, source.shards.get(0), LiveSource.LIMIT);
            awaitFollowing(first);
        }
        source.produce(200);
        long before = source.archive.last(0, 1, Optional.empty()).orElseThrow().end();
        try (Compactor second = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(50);
            source.finish();
            // A shard that was just given tells nothing before it has found where its archive ends.
            Await.until(
                    LiveSource.LIMIT,
                    () -> second.shards().stream().anyMatch(shard -> shard.shard() == 0 && shard.frontier() >= before),
                    "the shard goes on where its archive ended");
        }
        source.assertArchived();
    }

    @Test
    void anIdleShardTellsItsLatestClaimWithoutAFile() {
        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(50);
            source.finish();
            List<Segment> before = source.archive.segments(shard -> true);

            for (int i = 0; i < 3; i++) {
                source.shards.forEach(LiveShard::idle);
                for (LiveShard shard : source.shards) {
                    ClaimInterval latest = lastOf(shard.log.claimsThatGoOn());
                    Await.until(
                            LiveSource.LIMIT,
                            () -> source.archive
                                    .progress(shard.shard)
                                    .flatMap(Progress::claim)
                                    .filter(claim -> ArchiveCheck.isSame(claim, latest))
                                    .isPresent(),
                            "progress tells the latest claim");
                }
            }

            assertThat(source.archive.segments(shard -> true)).isEqualTo(before);
            awaitFollowing(compactor);
        }
    }

    /** Another compactor may have archived all while this one still waits to try again; and a shard that moves is nobody's for a moment. */
    private static void awaitFollowing(Compactor compactor) {
        Await.until(
                LiveSource.LIMIT,
                () -> compactor.shards().size() == Ground.SHARDS
                        && compactor.shards().stream().allMatch(shard -> shard.state() == State.FOLLOWING),
                "every shard is followed");
    }

    private static ClaimInterval lastOf(List<ClaimInterval> claims) {
        return claims.get(claims.size() - 1);
    }

    @Test
    void everyDoubtThatCountsIsExplained() {
        source.produce(400);
        source.archiveAll();

        for (LiveShard shard : source.shards) {
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
            Await.until(
                    LiveSource.LIMIT,
                    () -> gapsOf(shard.shard).equals(expected),
                    "each doubt of the shard is explained once");
            assertThat(source.archive.gaps().read(expected.get(0))).hasValueSatisfying(gap -> {
                assertThat(gap.reason()).isEqualTo("coverage lost");
                assertThat(gap.node()).isEqualTo("n");
            });
        }
    }

    private List<GapKey> gapsOf(int shard) {
        return source.archive.gaps().between(0, Long.MAX_VALUE, 10_000).stream()
                .filter(gap -> gap.shard() == shard)
                .toList();
    }

    @Test
    void anOwnerWhoseClaimWasDeletedBeforeItWasReadIsBelieved() throws Exception {
        LiveShard shard = source.shards.get(0);
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

        try (ShardLog log = new ShardLog(source.ground.kafka(), source.ground.topics(), LiveSource.LIMIT)) {
            ControlReader reader = ControlReader.from(0, 0);
            reader.readTo(2, log, 0, listener);
            source.delete(new TopicPartition(source.ground.topics().tidemarks(), 0), 3);
            reader.readTo(5, log, 0, listener);
            reader.readTo(5, log, 0, listener);
        }

        assertThat(heard).containsExactly("claim through 10", "claim through 20", "doubt at 4");
    }

    private static Tidemark tidemark(long epoch, long through) {
        return new Tidemark(1, epoch, new Base(0, 1, 1), through, 5, 0, List.of());
    }

    @Test
    void aMissingTopicIsSaidAtOnce() {
        Ground nothing = new Ground(
                "nothing",
                source.kafka.bootstrap(),
                source.s3.uri(),
                source.s3.bucket(),
                source.s3.accessKey(),
                source.s3.secretKey(),
                source.stateDir);

        assertThatThrownBy(
                        () -> Compactor.start(nothing.settings("x", LiveSource.CUT_AGE, LiveSource.SEGMENT_BYTES_MAX)))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("Start capture");
    }

    @Test
    void closingIsPromptEvenWhileTheStoreDoesNotAnswer() {
        Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX);
        Injection stuck = source.s3.faults().delay(Duration.ofMinutes(2), S3Requests.puts());
        source.produce(100);
        Await.until(LiveSource.LIMIT, () -> stuck.hits() > 0, "a request hangs");

        long began = System.nanoTime();
        compactor.close();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(25));
        compactor.await();
    }
}
