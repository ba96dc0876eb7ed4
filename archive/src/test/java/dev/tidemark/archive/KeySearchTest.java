package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.SegmentKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.settings.S3Settings;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** One key among many, in a segment of several row groups, by ranges of a real object. */
@TestInstance(Lifecycle.PER_CLASS)
class KeySearchTest {
    private static final int ROWS_MAX = 100_000;
    private static final int ROWS = 12_000;
    private static final int KEYS = 1_500;
    private static final int VALUE_BYTES = 4_000;

    private final Random random = new Random(5);
    private final List<Change> changes = new ArrayList<>();
    private S3Endpoint s3;
    private Archive archive;
    private Segment segment;
    private ObjectBody body;

    @BeforeAll
    void write() {
        s3 = S3Endpoint.start();
        archive = Archive.open(
                S3Settings.at(s3.uri(), s3.bucket(), s3.accessKey(), Secret.of(s3.secretKey())), "prod-rag");
        SegmentWriter writer = new SegmentWriter("prod-rag", new SegmentKey(Hour.of(0), 0, 1, 100));
        writer.add(100, new LogRow.EpochClaimed(0, 1));
        for (int i = 0; i < ROWS; i++) {
            byte[] value = new byte[VALUE_BYTES];
            random.nextBytes(value);
            Change change = new Change(
                    0,
                    1_000 + i,
                    1_000 + i,
                    i % 2,
                    key(random.nextInt(KEYS)),
                    i % 5 == 0 ? new Value.Absent() : new Value.Text(Bytes.wrap(value)),
                    i % 5 == 1 ? OptionalLong.of(i) : OptionalLong.empty(),
                    "set");
            changes.add(change);
            writer.add(101 + i, change);
        }
        SegmentFile file = writer.finish(101 + ROWS, 0, 1_000 + ROWS, List.of());
        archive.put(file);
        segment = file.segment();
        body = file.body();
        assertThat(segment.sizeBytes()).as("several row groups of 16 MiB").isGreaterThan(36 << 20);
    }

    @AfterAll
    void stop() {
        archive.close();
        s3.close();
    }

    private static Bytes key(int number) {
        return number == 0 ? Bytes.wrap(new byte[] {(byte) 0xff, 0, 1}) : Bytes.utf8("chunk:" + number);
    }

    @Test
    void everyRowOfAKeyIsFoundAndNoOther() {
        for (int number : List.of(0, 1, 700, KEYS - 1)) {
            List<KeyRow> found = archive.search().rows(segment, 1, key(number), every -> true, ROWS_MAX);

            List<KeyRow> expected = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                Change change = changes.get(i);
                if (change.db() == 1 && change.key().equals(key(number))) {
                    expected.add(KeyRow.of(101 + i, change));
                }
            }
            assertThat(found).isEqualTo(expected).isNotEmpty();
        }
        assertThat(archive.search().rows(segment, 0, Bytes.utf8("nobody"), every -> true, ROWS_MAX))
                .isEmpty();
    }

    /** A counter may have been written a million times in an hour. */
    @Test
    void noMoreThanTheNewestOfThoseThatAreWantedAreHeld() {
        List<KeyRow> all = archive.search().rows(segment, 1, key(1), every -> true, ROWS_MAX);
        KeyRow last = all.get(all.size() - 1);

        assertThat(archive.search().rows(segment, 1, key(1), every -> true, 2))
                .isEqualTo(all.subList(all.size() - 2, all.size()));
        assertThat(archive.search().rows(segment, 1, key(1), row -> row.offset() < last.offset(), 1))
                .containsExactly(all.get(all.size() - 2));
    }

    @Test
    void allRowsComeInOrderWithoutTheirValues() {
        List<KeyRow> found = new ArrayList<>();
        try (Rows<Optional<KeyRow>> rows = archive.search().rows(segment)) {
            rows.forEachRemaining(row -> row.ifPresent(found::add));
        }

        assertThat(found).hasSize(ROWS);
        assertThat(found.get(777)).isEqualTo(KeyRow.of(101 + 777, changes.get(777)));
    }

    @Test
    void aRowIsFound() {
        assertThat(archive.search()
                        .row(segment, KeyRow.of(101 + 7_001, changes.get(7_001)))
                        .row())
                .isEqualTo(changes.get(7_001));
    }

    @Test
    void littleOfTheFileIsFetchedForARowAndForItsKey() throws IOException {
        AtomicLong fetched = new AtomicLong();
        byte[] whole = body.open().readAllBytes();
        RangedFile file = new RangedFile(whole.length, (from, length) -> {
            fetched.addAndGet(length);
            return Arrays.copyOfRange(whole, Math.toIntExact(from), Math.toIntExact(from) + length);
        });

        RangedRows.open(segment, "here", file, RowShapes.KEYS, Optional.of(RangedRows.key(key(3))))
                .forEachRemaining(row -> {});
        assertThat(fetched.get()).as("keys alone").isBetween(1L, whole.length / 20L);

        fetched.set(0);
        assertThat(SingleRow.at(segment, "here", file, 101 + 7_001)).isPresent();
        assertThat(fetched.get()).as("one page of each column").isBetween(1L, whole.length / 10L);
    }

    @Test
    void aMissingObjectIsSaid() {
        Segment gone = new Segment(
                new SegmentKey(Hour.of(0), 1, 1, 0), 10, 0, 1, 10, List.of(), segment.sizeBytes(), segment.sha256());

        assertThatThrownBy(() -> archive.search().rows(gone, 0, key(1), every -> true, ROWS_MAX))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("is damaged: it is gone");
    }
}
