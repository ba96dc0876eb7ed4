package dev.tidemark.compactor.baseline;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.settings.S3Settings;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
    @TempDir
    private Path directory;

    @Test
    void ofAFileThatIsNotThereNotItsPathAloneIsSaid() {
        assertThatThrownBy(() -> Export.open(directory + "/none.rdb", S3Settings.defaults()))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no file %s/none.rdb here".formatted(directory));
    }
}
