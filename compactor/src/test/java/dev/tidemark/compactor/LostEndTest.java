package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compactor.ShardStatus.State;
import dev.tidemark.schemas.kafka.ShardLog;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.servers.Await;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A broker that dies before its disk has everything loses the end of a shard's log, and whoever writes on reuses the offsets: the
 * topic is the same, the log is as long as it was, and it does not follow the archive.
 */
class LostEndTest {
    @RegisterExtension
    static LiveSource source = new LiveSource();

    @Test
    void rowsBehindThoseThatTookTheirPlaceAreNotJoinedToTheArchive() {
        source.produce(200);
        source.archiveAll();
        Archived before = Archived.now();

        loseTheEndAndWriteOn();
        source.shards.forEach(shard -> shard.steps(100));

        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            requireStopped(compactor, before);
        }
    }

    @Test
    void rowsAreNotJoinedByACompactorThatWasAtWorkEither() {
        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(200);
            source.finish();
            Archived before = Archived.now();

            loseTheEndAndWriteOn();
            source.shards.forEach(shard -> shard.steps(100));

            requireStopped(compactor, before);
        }
    }

    @Test
    void aClaimOverRowsThatTookTheirPlaceIsNotTold() {
        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(200);
            source.finish();
            Archived before = Archived.now();

            loseTheEndAndWriteOn();
            source.shards.get(0).idle();

            requireStopped(compactor, before);
        }
    }

    private static void loseTheEndAndWriteOn() {
        String changes = source.ground.topics().changes();
        long written = source.shards.get(0).log.changes.size();
        source.kafka.killAndLoseEndOf(changes, 0);
        source.kafka.restart();
        try (ShardLog log = new ShardLog(source.ground.kafka(), source.ground.topics(), Duration.ofSeconds(30))) {
            long left = log.changesEnd(0);
            assertThat(left).isBetween(1L, written - 1);
            source.shards.get(0).othersWrittenFrom(left);
            assertThat(log.changesEnd(0)).isEqualTo(written);
        }
    }

    /** What S3 holds of the shard that will lose its end. */
    private record Archived(List<Segment> segments, Optional<Progress> progress) {
        static Archived now() {
            return new Archived(source.archive.segments(shard -> shard == 0), source.archive.progress(0));
        }
    }

    private static void requireStopped(Compactor compactor, Archived before) {
        Await.until(
                LiveSource.LIMIT,
                () -> compactor.shards().stream()
                        .anyMatch(shard -> shard.shard() == 0 && shard.state() == State.STOPPED),
                "shard 0 has stopped");
        assertThat(compactor.shards()).filteredOn(shard -> shard.shard() == 0).allSatisfy(shard -> assertThat(
                        shard.reason())
                .contains("lost records that had been read")
                .contains("stays restorable"));
        source.shards.get(1).idle();
        ArchiveCheck.awaitAll(source.archive, source.shards.get(1), LiveSource.LIMIT);
        assertThat(Archived.now()).isEqualTo(before);
    }
}
