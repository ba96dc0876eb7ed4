package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.RollUpKey;
import dev.tidemark.schemas.layout.ChunkFields;
import dev.tidemark.schemas.layout.ClaimInterval;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.HourMarker;
import dev.tidemark.schemas.layout.RollUp;
import dev.tidemark.schemas.layout.Segment;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Tidemark.Base;
import dev.tidemark.servers.S3Endpoint;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolledHoursTest {
    private static final int ROWS_MAX = 100_000;
    private static final Hour HOUR = SegmentFiles.HOUR;
    private static final List<ClaimInterval> CLAIMS = List.of(
            new ClaimInterval(new Base(0, 1, 5), 9, 100, 11), new ClaimInterval(new Base(101, 105, 15), 19, 200, 1));

    @TempDir
    Path directory;

    private S3Endpoint s3;
    private Archive archive;
    private RolledHours rolled;

    @BeforeEach
    void open() {
        s3 = S3Endpoint.start(S3Endpoint.Options.defaults().withDirectory(directory.resolve("s3")));
        archive = Archive.open(Stores.of(s3), "prod-rag");
        rolled = archive.rolled();
    }

    @AfterEach
    void close() {
        archive.close();
        s3.close();
    }

    @Test
    void givesTheRowsOfAnHourBackByKeyAndAnyKeyAlone() throws Exception {
        List<ArchivedRow> rows = sorted(new GeneratedRows(3).rows(0, 4_000));

        RollUp rollUp;
        try (RollUpFile file = write(HOUR, 0, rows)) {
            rollUp = rolled.put(file);
        }

        assertThat(rollUp.references()).isPositive();
        assertThat(all(rolled.rows(rollUp))).isEqualTo(rows);
        assertThat(all(rolled.times(rollUp))).hasSameSizeAs(rows);
        assertThat(all(archive.outlines(rollUp)))
                .isEqualTo(rows.stream().map(GeneratedRows::outline).toList());
        Bytes key = keyOf(rows.get(rows.size() / 2));
        List<ArchivedRow> ofKey =
                rows.stream().filter(row -> key.equals(keyOf(row))).toList();
        assertThat(all(rolled.rows(rollUp, key))).isEqualTo(ofKey);
        assertThat(all(rolled.rows(rollUp, Bytes.utf8("no such key")))).isEmpty();
    }

    @Test
    void findsAnyKeyWithoutFetchingTheFile() throws Exception {
        List<ArchivedRow> rows = new ArrayList<>(new GeneratedRows(8).rows(0, 4_000));
        GeneratedRows more = new GeneratedRows(9);
        rows.add(new ArchivedRow(19_000, more.text("", 10)));
        rows = sorted(rows);
        RollUp rollUp;
        try (RollUpFile file = write(HOUR, 0, rows)) {
            rollUp = rolled.put(file);
        }

        Set<Bytes> keys = rows.stream()
                .map(RolledHoursTest::keyOf)
                .filter(Objects::nonNull)
                .limit(60)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (Bytes key : keys) {
            List<KeyRow> found = new ArrayList<>();
            for (int db = 0; db < 16; db++) {
                found.addAll(archive.search().rows(rollUp, db, key, every -> true, ROWS_MAX));
            }
            assertThat(found)
                    .as(key.toHex())
                    .isNotEmpty()
                    .hasSameSizeAs(
                            rows.stream().filter(row -> key.equals(keyOf(row))).toList());
            for (KeyRow each : found) {
                assertThat(rows).contains(archive.search().row(rollUp, each));
            }
        }
        assertThat(archive.search().rows(rollUp, 0, Bytes.utf8("no such key"), every -> true, ROWS_MAX))
                .isEmpty();
        List<RowTimes> times = new ArrayList<>();
        try (Rows<RowTimes> all = archive.search().times(rollUp)) {
            all.forEachRemaining(times::add);
        }
        assertThat(times).hasSameSizeAs(rows);
    }

    @Test
    void whoComesSecondTakesTheFirstOnesFile() throws Exception {
        List<ArchivedRow> rows = sorted(new GeneratedRows(4).rows(0, 50));
        try (RollUpFile first = write(HOUR, 0, rows);
                RollUpFile second = write(HOUR, 0, rows)) {
            assertThat(second.rollUp()).as("the same rows make the same bytes").isEqualTo(first.rollUp());

            assertThat(rolled.put(second)).isEqualTo(rolled.put(first));
        }
        assertThat(rolled.find(write(HOUR, 0, rows).rollUp())).isPresent();

        try (RollUpFile other = write(HOUR, 0, rows.subList(0, 40))) {
            assertThatThrownBy(() -> rolled.put(other))
                    .isInstanceOf(TidemarkError.class)
                    .hasMessageContaining("rows=50 where 40");
        }
    }

    @Test
    void aFileOfManyPartsIsCreateOnlyToo() throws Exception {
        List<ArchivedRow> rows = new ArrayList<>();
        GeneratedRows generated = new GeneratedRows(5);
        for (int i = 0; i < 12; i++) {
            rows.add(new ArchivedRow(i, generated.text("k" + (char) ('a' + i), 1 << 20)));
        }
        try (RollUpFile first = write(HOUR, 0, rows);
                RollUpFile other = write(HOUR, 0, rows.subList(0, 11))) {
            RollUp put = rolled.put(first);

            assertThat(put.sizeBytes()).isGreaterThan(LargeObjects.PART_BYTES);
            assertThat(rolled.put(first)).isEqualTo(put);
            assertThatThrownBy(() -> rolled.put(other)).isInstanceOf(TidemarkError.class);
            assertThat(all(rolled.rows(put))).isEqualTo(rows);
        }
    }

    @Test
    void aFileThatEndsBeforeWhatIsReadOfItIsDamage() throws Exception {
        GeneratedRows generated = new GeneratedRows(7);
        RollUp put;
        try (RollUpFile file = write(HOUR, 0, List.of(new ArchivedRow(0, generated.text("k", 1 << 20))))) {
            put = rolled.put(file);
        }
        try (FileChannel object = FileChannel.open(objectOf(put.path()), StandardOpenOption.WRITE)) {
            object.truncate(100);
        }

        assertThatThrownBy(() -> archive.search().rows(put, 0, Bytes.utf8("k"), row -> true, 10))
                .isInstanceOfSatisfying(
                        TidemarkError.class, e -> assertThat(e.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED));
    }

    private Path objectOf(String path) {
        return s3.directory().resolve(s3.bucket()).resolve("root/prod-rag/" + path);
    }

    @Test
    void tellsWhichHoursAreRolledUpAndWhatTheirMarkersSay() throws Exception {
        Hour next = HOUR.next();
        RollUp empty = new RollUp(new RollUpKey(next, 0), 1, 200, 210, 3, 7, 0, 0, CLAIMS, 0, "", Segment.LAYOUT);
        RollUp full;
        try (RollUpFile file = write(HOUR, 0, sorted(new GeneratedRows(6).rows(0, 50)))) {
            full = rolled.put(file);
        }
        HourMarker first = new HourMarker(HOUR, 1_763_647_200_123_456L, List.of(full));
        HourMarker second = new HourMarker(next, 1_763_647_300_123_456L, List.of(empty));

        assertThat(rolled.latest(Optional.empty())).isEmpty();
        assertThat(rolled.put(first)).isEqualTo(Creation.CREATED);
        assertThat(rolled.put(second)).isEqualTo(Creation.CREATED);
        assertThat(rolled.put(new HourMarker(next, 5, List.of(empty)))).isEqualTo(Creation.EXISTS);

        assertThat(rolled.hours(Optional.empty())).containsExactly(HOUR, next);
        assertThat(rolled.hours(Optional.of(HOUR))).containsExactly(next);
        assertThat(rolled.latest(Optional.empty())).contains(next);
        assertThat(rolled.latest(Optional.of(next))).contains(next);
        assertThat(rolled.markers(List.of(HOUR, next))).containsExactly(first, second);
        assertThat(rolled.marker(next.next())).isEmpty();
    }

    @Test
    void aMarkerOfAnotherHourIsDamage() throws Exception {
        RollUp empty = new RollUp(new RollUpKey(HOUR, 0), 1, 200, 210, 3, 7, 0, 0, CLAIMS, 0, "", Segment.LAYOUT);
        rolled.put(new HourMarker(HOUR, 5, List.of(empty)));
        Path object = directory.resolve("s3/" + s3.bucket() + "/root/prod-rag/rolled");
        Path next = object.resolve(HOUR.next().toString());
        Files.createDirectories(next.getParent());
        Files.copy(object.resolve(HOUR.toString()), next);

        assertThatThrownBy(() -> rolled.marker(HOUR.next()))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("another hour");
    }

    @Test
    void aMarkerWithAFlippedBitIsDamageWhereverItIs() throws Exception {
        RollUp empty = new RollUp(new RollUpKey(HOUR, 0), 1, 200, 210, 3, 7, 0, 0, CLAIMS, 0, "", Segment.LAYOUT);
        rolled.put(new HourMarker(HOUR, 5, List.of(empty)));
        Path object =
                directory.resolve("s3/" + s3.bucket() + "/root/prod-rag/rolled").resolve(HOUR.toString());
        byte[] bytes = Files.readAllBytes(object);

        for (int i = 0; i < bytes.length; i += 7) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            Files.write(object, flipped, StandardOpenOption.TRUNCATE_EXISTING);

            Looked<Hour, HourMarker> looked = rolled.look(List.of(HOUR)).get(0);

            assertThat(looked.found()).as("byte %d", i).isEmpty();
            assertThat(looked.fault()).contains("is damaged");
        }
    }

    private RollUpFile write(Hour hour, int shard, List<ArchivedRow> rows) {
        RollUpWriter writer = new RollUpWriter(
                "prod-rag", new RollUpKey(hour, shard), 1, 0, 20_000, ChunkFields.standard(), directory);
        rows.forEach(writer::add);
        return writer.finish(7, 1_763_647_201_000_000L, CLAIMS);
    }

    private static List<ArchivedRow> sorted(List<ArchivedRow> rows) {
        return rows.stream().sorted(RollUpWriter.ORDER).toList();
    }

    private static Bytes keyOf(ArchivedRow row) {
        return row.row() instanceof Change change ? change.key() : null;
    }

    private static <T> List<T> all(Rows<T> rows) {
        try (rows) {
            List<T> found = new ArrayList<>();
            rows.forEachRemaining(found::add);
            return found;
        }
    }
}
