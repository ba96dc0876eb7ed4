package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.TableColumn.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TableColumnTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\|");

    @Test
    void everyColumnIsDocumentedInItsOrder() throws IOException {
        String page = Files.readString(Path.of("../docs/tables.md"));
        int rows = page.indexOf("## Columns of rows");
        int markers = page.indexOf("## Columns of hours");

        assertThat(namesIn(page.substring(rows, markers))).isEqualTo(names(TableColumn.ofRows()));
        assertThat(namesIn(page.substring(markers))).isEqualTo(names(TableColumn.ofMarkers()));
    }

    @Test
    void knowsWhatEachHolds() {
        assertThat(TableColumn.ofRows())
                .contains(
                        new TableColumn("embedding", Kind.FLOATS),
                        new TableColumn("fields", Kind.FIELDS),
                        new TableColumn("key", Kind.TEXT),
                        new TableColumn("key_bytes", Kind.BYTES),
                        new TableColumn("redis_time", Kind.TIME),
                        new TableColumn("blob_day", Kind.DATE),
                        new TableColumn("shard", Kind.INTEGER),
                        new TableColumn("offset", Kind.LONG));
    }

    private static List<String> names(List<TableColumn> columns) {
        return columns.stream().map(TableColumn::name).toList();
    }

    private static List<String> namesIn(String table) {
        return ROW.matcher(table).results().map(found -> found.group(1)).toList();
    }
}
