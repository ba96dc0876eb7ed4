package dev.tidemark.compactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.ArchivedRow;
import dev.tidemark.archive.RollUpWriter;
import dev.tidemark.compactor.cut.GeneratedLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RowSortTest {

    @Property(tries = 15)
    void sortsWhatDoesNotFitAsWhatDoes(
            @ForAll long seed,
            @ForAll @IntRange(max = 400) int steps,
            @ForAll @IntRange(min = 1, max = 40_000) int bytes) {
        List<ArchivedRow> rows = new ArrayList<>();
        new GeneratedLog(new Random(seed), steps, true, 100)
                .changes.forEach(row -> rows.add(new ArchivedRow(rows.size(), row)));

        List<ArchivedRow> sorted = new ArrayList<>();
        try (RowSort sort = new RowSort(Path.of(System.getProperty("java.io.tmpdir")), bytes)) {
            rows.forEach(sort::add);
            sort.sorted().forEachRemaining(sorted::add);
            assertThat(sort.runs()).isLessThan(16 * 4);
        }

        assertThat(sorted).isEqualTo(rows.stream().sorted(RollUpWriter.ORDER).toList());
    }
}
