package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.servers.KafkaBroker;
import dev.tidemark.servers.S3Endpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Two shards of a source whose log goes on as a test tells it, on a broker and an S3 that a test class has to itself. */
final class LiveSource implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
    static final Duration CUT_AGE = Duration.ofSeconds(1);
    static final Duration LIMIT = Duration.ofSeconds(90);
    static final int SEGMENT_BYTES_MAX = 20_000;

    private static final AtomicInteger SOURCES = new AtomicInteger();

    KafkaBroker kafka;
    S3Endpoint s3;
    Path stateDir;
    Ground ground;
    Archive archive;
    List<LiveShard> shards;
    /** Of the compactor that was started last. */
    MeterRegistry registry;

    @Override
    public void beforeAll(ExtensionContext context) {
        kafka = KafkaBroker.start();
        s3 = S3Endpoint.start();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        stateDir = Files.createTempDirectory("compactor");
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

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        s3.faults().clear();
        shards.forEach(LiveShard::close);
        archive.close();
        try (Stream<Path> files = Files.walk(stateDir)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        s3.close();
        kafka.close();
    }

    void deleteChanges(int shard, long before) throws Exception {
        delete(new TopicPartition(ground.topics().changes(), shard), before);
    }

    void delete(TopicPartition partition, long before) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
                    .all()
                    .get();
        }
    }

    Compactor start(String group, long segmentBytesMax) {
        registry = new SimpleMeterRegistry();
        return Compactor.start(
                ground.settings(ground.source() + "-" + group, CUT_AGE, segmentBytesMax), registry, health -> {});
    }

    void produce(int steps) {
        for (int i = 0; i < steps / 10; i++) {
            shards.forEach(shard -> shard.steps(10));
        }
    }

    void archiveAll() {
        try (Compactor compactor = start("one", SEGMENT_BYTES_MAX)) {
            finish();
            assertThat(compactor.shards()).isNotEmpty();
        }
    }

    void finish() {
        shards.forEach(LiveShard::idle);
        shards.forEach(shard -> ArchiveCheck.awaitAll(archive, shard, LIMIT));
    }

    void assertArchived() {
        for (LiveShard shard : shards) {
            assertThat(ArchiveCheck.checkChain(archive, shard))
                    .as("segments of shard %d", shard.shard)
                    .isGreaterThan(1);
        }
    }
}
