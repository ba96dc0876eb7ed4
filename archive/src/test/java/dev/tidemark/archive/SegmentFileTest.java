package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.log.LogRow.Change;
import dev.tidemark.schemas.log.Value;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;

class SegmentFileTest {

    @Property(tries = 60)
    void givesEveryRowBackAsItWas(@ForAll long seed, @ForAll @IntRange(max = 120) int count) {
        List<ArchivedRow> rows = new GeneratedRows(seed).rows(100, count);

        SegmentFile file = SegmentFiles.write(100, 100 + 3L * count + 1, rows);

        assertThat(SegmentFiles.read(file, SegmentFiles.bytesOf(file))).isEqualTo(rows);
    }

    @Property(tries = 20)
    void tellsTheTimesOfEveryRowWithoutReadingTheRest(@ForAll long seed) {
        List<ArchivedRow> rows = new GeneratedRows(seed).rows(0, 50);
        SegmentFile file = SegmentFiles.write(0, 200, rows);

        List<RowTimes> read = new ArrayList<>();
        try (SegmentRows<RowTimes> times = SegmentRows.open(
                file.segment(), "s3://bucket/key", SegmentFiles.spooled(SegmentFiles.bytesOf(file)), RowShapes.TIMES)) {
            times.forEachRemaining(read::add);
        }

        assertThat(read).isEqualTo(rows.stream().map(SegmentFileTest::times).toList());
    }

    private static RowTimes times(ArchivedRow archived) {
        return new RowTimes(
                archived.offset(),
                archived.row().timeMicros(),
                archived.row() instanceof Change change
                        ? OptionalLong.of(change.touchedAfterMicros())
                        : OptionalLong.empty());
    }

    @Test
    void keepsValuesOfManyMegabytesAndBoundsItsRowGroups() throws Exception {
        GeneratedRows generated = new GeneratedRows(1);
        List<ArchivedRow> rows = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            rows.add(new ArchivedRow(i, change(generated, 100)));
        }
        for (int i = 300; i < 312; i++) {
            rows.add(new ArchivedRow(i, change(generated, 5 << 20)));
        }

        SegmentFile file = SegmentFiles.write(0, 312, rows);

        byte[] bytes = SegmentFiles.bytesOf(file);
        assertThat(SegmentFiles.read(file, bytes)).isEqualTo(rows);
        Path path = SegmentFiles.onDisk(bytes);
        try (ParquetFileReader reader = ParquetFileReader.open(
                new LocalInputFile(path),
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build())) {
            assertThat(reader.getRowGroups()).hasSizeGreaterThan(2).allSatisfy(SegmentFileTest::isBounded);
        } finally {
            Files.delete(path);
        }
    }

    /** One row group, and the rows after which Parquet next looks at its size. */
    private static void isBounded(BlockMetaData group) {
        assertThat(group.getTotalByteSize()).isLessThan((16L << 20) + 16 * (5L << 20));
    }

    private static Change change(GeneratedRows generated, int bytes) {
        return new Change(
                1, 2, 1, 0, generated.bytes(8), new Value.Text(generated.bytes(bytes)), OptionalLong.empty(), "");
    }

    @Test
    void aFlippedByteInAPageIsFoundEvenWithoutTheChecksumOfTheWholeObject() {
        List<ArchivedRow> rows = new GeneratedRows(5).rows(0, 40);
        SegmentFile file = SegmentFiles.write(0, 200, rows);
        byte[] good = SegmentFiles.bytesOf(file);
        Random random = new Random(17);

        int wrong = 0;
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                if (!SegmentFiles.read(file, bad).equals(rows)) {
                    wrong++;
                }
            } catch (TidemarkError found) {
                assertThat(found.code().number()).isEqualTo(5);
            }
        }

        assertThat(wrong).as("flips that changed a row and were not seen").isZero();
    }

    @Test
    void refusesAFileThatIsNotTheSegmentItsMetadataSpeaksOf() {
        List<ArchivedRow> rows = new GeneratedRows(6).rows(0, 5);
        SegmentFile file = SegmentFiles.write(0, 50, rows);
        SegmentFile other = SegmentFiles.write(0, 51, rows);

        assertThatThrownBy(() -> SegmentFiles.read(file, SegmentFiles.bytesOf(other)))
                .isInstanceOf(TidemarkError.class)
                .hasMessageContaining("tidemark.end=51 where 50");
    }

    @Test
    void takesRowsInTheOrderOfTheirOffsetsOnly() {
        SegmentWriter writer = new SegmentWriter("prod-rag", SegmentFiles.slot(10));
        writer.add(12, new GeneratedRows(1).row());

        assertThatThrownBy(() -> writer.add(12, new GeneratedRows(1).row()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.finish(12, 0, 0, List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
