package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.compactor.ShardStatus.State;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.servers.Await;
import io.micrometer.core.instrument.Meter;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** What a compactor does when the store, the broker or the log fails it. */
class CompactorTroubleTest {
    @RegisterExtension
    static LiveSource source = new LiveSource();

    @Test
    void aStoreThatIsAwayIsWaitedForAndWorkGoesOnByItself() {
        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(100);
            source.s3.down();
            source.produce(100);
            Await.until(
                    LiveSource.LIMIT,
                    () -> compactor.shards().stream().anyMatch(shard -> shard.state() == State.RETRYING),
                    "a shard notices that the store is away");
            source.s3.up();
            source.finish();

            Await.until(
                    LiveSource.LIMIT,
                    () -> compactor.shards().stream().allMatch(shard -> shard.state() == State.FOLLOWING),
                    "every shard has recovered");
        }
        source.assertArchived();
    }

    @Test
    void aBrokerThatIsAwayIsWaitedFor() {
        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.produce(100);
            ArchiveCheck.awaitAll(source.archive, source.shards.get(0), LiveSource.LIMIT);
            source.kafka.kill();
            source.kafka.restart();
            source.produce(100);
            source.finish();
            assertThat(compactor.shards()).isNotEmpty();
        }
        source.assertArchived();
    }

    @Test
    void aHoleInTheLogStopsThatShardAndNoOther() throws Exception {
        source.produce(100);
        source.archiveAll();
        List<Segment> before = source.archive.segments(shard -> shard == 0);
        source.produce(200);
        source.deleteChanges(0, source.shards.get(0).log.changes.size() - 5);

        try (Compactor compactor = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.shards.get(1).idle();
            ArchiveCheck.awaitAll(source.archive, source.shards.get(1), LiveSource.LIMIT);
            Await.until(
                    LiveSource.LIMIT,
                    () -> compactor.shards().stream()
                            .anyMatch(shard -> shard.shard() == 0 && shard.state() == State.STOPPED),
                    "shard 0 has stopped");

            assertThat(compactor.shards())
                    .filteredOn(shard -> shard.shard() == 0)
                    .allSatisfy(shard -> assertThat(shard.reason())
                            .contains("deleted before they were archived")
                            .contains("stays restorable"));
        }
        assertThat(source.archive.segments(shard -> shard == 0)).isEqualTo(before);
        ArchiveCheck.checkChain(source.archive, source.shards.get(1));
    }

    @Test
    void aStoppedShardIsLookedAtAnewAndGoesOnWhenTheDamageHasPassed() {
        source.produce(100);
        source.archiveAll();
        String foreign =
                source.ground.source() + "/" + new SegmentKey(new Hour(LocalDate.of(9000, 1, 1), 0), 0, 1, 1).path();
        try (S3Client bucket = client();
                Compactor compactor = startWith(() -> bucket.putObject(
                        put -> put.bucket(source.s3.bucket()).key(foreign), RequestBody.fromString("no segment")))) {
            Await.until(
                    LiveSource.LIMIT,
                    () -> compactor.health().unready().stream().anyMatch(each -> each.startsWith("shard 0 is stopped")),
                    "shard 0 has stopped and says so");
            assertThat(compactor.health().isAlive()).isTrue();
            assertThat(metric("tidemark.compactor.shards", "state", "stopped")).isEqualTo(1);

            bucket.deleteObject(delete -> delete.bucket(source.s3.bucket()).key(foreign));

            Await.until(LiveSource.LIMIT, () -> compactor.health().isReady(), "the shard has looked again");
            source.produce(100);
            source.finish();
            Await.until(
                    LiveSource.LIMIT,
                    () -> metric("tidemark.compactor.shards", "state", "following") == 2,
                    "both shards are followed");
            assertThat(metric("tidemark.compactor.segments", "shard", "0")).isPositive();
            assertThat(metric("tidemark.compactor.put.answers", "answer", "accepted"))
                    .isPositive();
            // The generated log is of the year 2015.
            assertThat(metric("tidemark.compactor.archived.age", "shard", "0")).isGreaterThan(1e8);
        }
        assertThat(source.registry.find("tidemark.compactor.archived.age").gauges())
                .isEmpty();
        source.assertArchived();
    }

    private Compactor startWith(Runnable before) {
        before.run();
        return source.start("one", LiveSource.SEGMENT_BYTES_MAX);
    }

    private double metric(String name, String label, String value) {
        Meter meter = source.registry.get(name).tag(label, value).meter();
        return meter.measure().iterator().next().getValue();
    }

    private static S3Client client() {
        return S3Client.builder()
                .endpointOverride(source.s3.uri())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(source.s3.accessKey(), source.s3.secretKey())))
                .build();
    }

    @Test
    void recreatedTopicsAreRefusedByWhoeverIsAtWorkAndByWhoeverStarts() throws Exception {
        source.produce(50);
        try (Compactor atWork = source.start("one", LiveSource.SEGMENT_BYTES_MAX)) {
            source.finish();
            List<SegmentKey> archived = source.archive.slots().of(number -> true);
            List<Optional<Progress>> claimed = progress();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", source.kafka.bootstrap()))) {
                admin.deleteTopics(List.of(source.ground.topics().changes()))
                        .all()
                        .get();
            }
            Await.until(LiveSource.LIMIT, this::isRecreated, "the topic is there again");
            // Past the old end: what is claimed then can be read, at offsets of another log.
            source.shards.forEach(shard -> shard.sendAgainAnd(100));

            Await.until(
                    LiveSource.LIMIT,
                    () -> atWork.shards().stream()
                                    .filter(shard -> shard.state() == State.STOPPED
                                            && shard.reason().contains("created again"))
                                    .count()
                            == Ground.SHARDS,
                    "both shards are stopped");
            assertThat(source.archive.slots().of(number -> true)).isEqualTo(archived);
            assertThat(progress()).isEqualTo(claimed);
        }

        assertThatThrownBy(() -> source.start("one", LiveSource.SEGMENT_BYTES_MAX))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("deleted and created again");
    }

    private List<Optional<Progress>> progress() {
        return List.of(source.archive.progress(0), source.archive.progress(1));
    }

    private boolean isRecreated() {
        try {
            source.ground.createTopics();
            return true;
        } catch (TidemarkError notYet) {
            return false;
        }
    }
}
