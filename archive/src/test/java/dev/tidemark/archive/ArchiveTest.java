package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.kafka.TopicSetup.TopicIds;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Progress;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.servers.S3Faults.Injection;
import dev.tidemark.servers.S3Requests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArchiveTest {
    private static final AtomicInteger SOURCES = new AtomicInteger();
    private static S3Endpoint s3;
    private Archive archive;

    @BeforeAll
    static void start() {
        s3 = S3Endpoint.start();
    }

    @AfterAll
    static void stop() {
        s3.close();
    }

    @BeforeEach
    void open() {
        archive = Archive.open(Stores.of(s3), "source-" + SOURCES.incrementAndGet());
    }

    @AfterEach
    void close() {
        s3.faults().clear();
        archive.close();
    }

    @Test
    void aSegmentIsFoundByItsMetadataAndReadBackWhole() {
        List<ArchivedRow> rows = new GeneratedRows(1).rows(0, 30);
        SegmentFile file = SegmentFiles.write(0, 100, rows);
        Injection lost = s3.faults().loseAnswers(1, S3Requests.puts());

        assertThat(archive.put(file)).isEqualTo(Creation.CREATED);
        assertThat(lost.hits()).isEqualTo(1);
        List<Segment> found = archive.segments(shard -> shard == 3);

        assertThat(found).containsExactly(file.segment());
        assertThat(archive.segments(shard -> shard == 2)).isEmpty();
        assertThat(read(found.get(0))).isEqualTo(rows);
        try (SegmentRows<RowTimes> times = archive.times(found.get(0))) {
            assertThat(times).toIterable().hasSize(30);
        }
        try (Rows<ArchivedRow> outlines = archive.outlines(found.get(0))) {
            assertThat(outlines)
                    .toIterable()
                    .containsExactlyElementsOf(
                            rows.stream().map(GeneratedRows::outline).toList());
        }
    }

    @Test
    void theLoserOfASlotFindsTheWinner() {
        SegmentFile winner = SegmentFiles.write(0, 20, new GeneratedRows(1).rows(0, 5));
        SegmentFile loser = SegmentFiles.write(0, 40, new GeneratedRows(1).rows(0, 5));
        archive.put(winner);

        assertThat(archive.put(loser)).isEqualTo(Creation.EXISTS);

        assertThat(archive.segment(loser.segment().key())).contains(winner.segment());
    }

    @Test
    void theLastSegmentIsFoundFromAnyHintThatWasOnceTrue() {
        List<Segment> chain = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Hour hour = new Hour(LocalDate.of(2026, 11, 20).plusDays(i / 24), i % 24);
            SegmentWriter writer = new SegmentWriter("s", new SegmentKey(hour, 3, 1, i * 10L));
            SegmentFile file = writer.finish(i * 10L + 10, 1, i, List.of());
            archive.put(file);
            chain.add(file.segment());
        }
        archive.put(new SegmentWriter("s", new SegmentKey(SegmentFiles.HOUR, 4, 1, 0)).finish(5_000, 1, 1, List.of()));

        assertThat(archive.last(3, 1, Optional.empty())).contains(chain.get(29));
        for (Segment each : chain) {
            Progress hint =
                    new Progress(3, 1, each.end(), Optional.of(each.key().hour()), Optional.empty());
            assertThat(archive.last(3, 1, Optional.of(hint))).contains(chain.get(29));
        }
        assertThat(archive.segments(shard -> shard == 3)).isEqualTo(chain);
        assertThat(archive.last(3, 2, Optional.empty())).isEmpty();
        assertThat(archive.last(5, 1, Optional.empty())).isEmpty();
    }

    @Test
    void progressIsOverwrittenAndReadStrictly() throws Exception {
        Progress first = new Progress(3, 1, 0, Optional.empty(), Optional.empty());
        Progress second = new Progress(
                3,
                1,
                77,
                Optional.of(SegmentFiles.HOUR),
                Optional.of(new ClaimInterval(new Base(1, 2, 3), 4, 5, Long.MAX_VALUE)));
        assertThat(archive.progress(3)).isEmpty();

        archive.writeProgress(first);
        assertThat(archive.progress(3)).contains(first);
        archive.writeProgress(second);
        assertThat(archive.progress(3)).contains(second);

        Path object = objectFile("_progress/s03");
        String json = Files.readString(object);
        for (String bad : List.of(
                json.replace("\"version\":1", "\"version\":2"),
                json.replace("\"shard\":3", "\"shard\":4"),
                json.replace("\"frontier\"", "\"frontiers\""),
                json.replace("77", "\"77\""),
                json + "x",
                "")) {
            Files.writeString(object, bad);
            assertThatThrownBy(() -> archive.progress(3))
                    .as(bad)
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining("_progress/s03 is damaged");
        }
    }

    @Test
    void aLogIsClaimedOnceAndARecreatedTopicIsRefused() {
        TopicIds topics = new TopicIds("AAAA", "BBBB");
        assertThat(archive.logGenerations().topics(1)).isEmpty();

        archive.logGenerations().claim(1, topics);
        archive.logGenerations().claim(1, topics);

        assertThat(archive.logGenerations().topics(1)).contains(topics);
        assertThatThrownBy(() -> archive.logGenerations().claim(1, new TopicIds("AAAA", "CCCC")))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("deleted and created again")
                .hasMessageContaining("stays restorable");
    }

    @Test
    void anyFlippedByteOfAnObjectIsFound() throws Exception {
        SegmentFile file = SegmentFiles.write(0, 100, new GeneratedRows(9).rows(0, 8));
        archive.put(file);
        Path object = objectFile(file.segment().key().path());
        byte[] good = Files.readAllBytes(object);
        Random random = new Random(5);

        for (int i = 0; i < 60; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            overwrite(object, bad);
            assertThatThrownBy(() -> read(file.segment()))
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining(file.segment().key().path())
                    .satisfies(
                            e -> assertThat(((TidemarkError) e).code().number()).isEqualTo(5));
        }

        overwrite(object, good);
        assertThat(read(file.segment())).hasSize(8);
    }

    /** A request must be answered by its deadline, and a slow link carries no more than so much until then. */
    @Test
    void aLargeSegmentIsFetchedByManyRequests() {
        GeneratedRows generated = new GeneratedRows(10);
        SegmentFile file = SegmentFiles.write(
                0,
                5,
                LongStream.range(0, 5)
                        .mapToObj(offset -> new ArchivedRow(offset, generated.text("key:" + offset, 1 << 20)))
                        .toList());
        archive.put(file);

        try (Injection requests = s3.faults().delay(Duration.ZERO, S3Requests.gets())) {
            assertThat(read(file.segment())).hasSize(5);
            assertThat(requests.hits()).isEqualTo(2);
        }
    }

    @Test
    void aSegmentThatIsGoneIsDamageAndNotAnEmptyOne() throws Exception {
        SegmentFile file = SegmentFiles.write(0, 100, new GeneratedRows(9).rows(0, 8));
        archive.put(file);
        Files.delete(objectFile(file.segment().key().path()));

        assertThatThrownBy(() -> archive.rows(file.segment()))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("is gone");
    }

    /** In place, so that the metadata, which S3Proxy keeps in attributes of the file, stay as they are. */
    private static void overwrite(Path object, byte[] bytes) throws Exception {
        Files.write(object, bytes);
    }

    private Path objectFile(String path) {
        return s3.directory().resolve(s3.bucket()).resolve("root/" + archive.source() + "/" + path);
    }

    private List<ArchivedRow> read(Segment segment) {
        try (SegmentRows<ArchivedRow> rows = archive.rows(segment)) {
            List<ArchivedRow> read = new ArrayList<>();
            rows.forEachRemaining(read::add);
            return read;
        }
    }

    @Test
    void aGapIsExplainedOnceAndFoundByItsTime() {
        Gap first = gap(1_000_000, 0, 7, "one watcher was lost");
        Gap second = gap(2_000_000, 3, 1, "the data set was replaced: \"FLUSHALL\"");
        Gap third = new Gap(new GapKey(3_000_000, 1, 1, 9), "n", "failover", OptionalLong.empty());

        archive.gaps().explain(second);
        archive.gaps().explain(third);
        archive.gaps().explain(first);
        archive.gaps().explain(first);

        assertThat(archive.gaps().between(1_000_000, 2_000_000, 10)).containsExactly(first.key(), second.key());
        assertThat(archive.gaps().between(1_000_001, 9_000_000, 10)).containsExactly(second.key(), third.key());
        assertThat(archive.gaps().between(0, 9_000_000, 1)).containsExactly(first.key());
        assertThat(archive.gaps().read(second.key())).contains(second);
        assertThat(archive.gaps().read(third.key())).contains(third);
        assertThat(archive.gaps().read(new GapKey(1, 0, 1, 0))).isEmpty();
    }

    @Test
    void aGapThatCannotBeReadExplainsNothing() {
        Gap gap = gap(1_000_000, 0, 7, "lost");
        try (ObjectStore store = ObjectStore.open(Stores.of(s3))) {
            String prefix = archive.uri().substring(store.uri("").length());
            store.put(prefix + gap.key().path(), ObjectBody.of(new byte[] {'{'}), Map.of());
        }

        assertThat(archive.gaps().between(0, 9_000_000, 10)).containsExactly(gap.key());
        assertThat(archive.gaps().read(gap.key())).isEmpty();
    }

    private static Gap gap(long micros, int shard, long offset, String reason) {
        return new Gap(new GapKey(micros, shard, 1, offset), "10.0.0.7:6379", reason, OptionalLong.of(micros - 1));
    }
}
