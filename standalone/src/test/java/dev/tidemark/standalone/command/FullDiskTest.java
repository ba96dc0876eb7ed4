package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.SmallDisk;
import dev.tidemark.standalone.endtoend.ScratchDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up while something runs is not reported as a fault of Tidemark's. */
class FullDiskTest {
    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);

    @Test
    void aDiskThatFillsUpIsNamedWithTheWayOut() {
        try (SmallDisk full = ScratchDisk.mountFull(directory)) {
            IOException noRoom = refusal(full.path().resolve("rows"));

            assertThat(report(new UncheckedIOException("cannot sort an hour's rows", noRoom)))
                    .isEqualTo(ExitCode.UNEXPECTED.number());

            assertThat(terminal.err())
                    .contains("a disk of this machine is full", "No space left on device", "compactor.state-dir")
                    .doesNotContain("fault of Tidemark's");
        }
    }

    @Test
    void anythingElseStaysUnexpected() {
        report(new UncheckedIOException(new IOException("Connection reset")));

        assertThat(terminal.err()).contains("fault of Tidemark's").doesNotContain("Connection reset");
    }

    private static IOException refusal(Path file) {
        try {
            Files.write(file, new byte[1 << 20]);
            throw new AssertionError(file + " was written");
        } catch (IOException full) {
            return full;
        }
    }

    private int report(RuntimeException failure) {
        return new FailureReport(terminal.invocation().err(), () -> false).report(failure);
    }
}
