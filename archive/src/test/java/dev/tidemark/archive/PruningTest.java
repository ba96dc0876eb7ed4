package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.layout.ArchiveKey.PrunedKey;
import dev.tidemark.schemas.layout.Hour;
import dev.tidemark.schemas.layout.Pruned;
import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PruningTest {
    private S3Endpoint s3;
    private Archive archive;

    @BeforeEach
    void open() {
        s3 = S3Endpoint.start();
        archive = Archive.open(Stores.of(s3), "rag");
    }

    @AfterEach
    void close() {
        archive.close();
        s3.close();
    }

    @Test
    void theNewestMarkIsObeyedAndReadBackAsItWasWritten() {
        assertThat(archive.pruned()).isEmpty();
        Pruned first = mark(1, 10);
        Pruned second = mark(2, 11);

        assertThat(archive.pruning().mark(first)).isEqualTo(Creation.CREATED);
        assertThat(archive.pruning().mark(second)).isEqualTo(Creation.CREATED);
        try (Archive other = Archive.open(Stores.of(s3), "rag")) {
            assertThat(other.pruning().mark(second)).isEqualTo(Creation.EXISTS);
        }

        assertThat(archive.pruned()).contains(second);
        assertThat(archive.pruning().marks()).containsExactly(first, second);
        assertThat(second.includes(first)).isTrue();
        assertThat(first.includes(second)).isFalse();
    }

    @Test
    void whatIsMarkedIsUnknownWhenTheMarkCannotBeReadSoNothingIs() throws IOException {
        archive.pruning().mark(mark(1, 10));
        Path file = s3.directory().resolve(s3.bucket()).resolve("root/rag").resolve(new PrunedKey(1).path());
        String later = Files.readString(file).replace("\"version\":1", "\"version\":2");
        // Another object, of which nothing says what its checksum should be.
        Files.delete(file);
        Files.writeString(file, later);

        assertThatThrownBy(() -> archive.slots().of(shard -> true))
                .isInstanceOfSatisfying(
                        TidemarkError.class, error -> assertThat(error.code()).isEqualTo(ExitCode.ARCHIVE_DAMAGED))
                .hasMessageContaining("pruned/00000000000000000001")
                .hasMessageContaining("Nothing was read");
    }

    private static Pruned mark(long number, int hour) {
        LocalDate day = LocalDate.of(2026, 11, 20);
        return new Pruned(
                new PrunedKey(number), 1_000 + number, 2_000, new Hour(day, hour), 1, List.of(7L, 0L), 3_000, day);
    }
}
