package dev.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    @TempDir
    private Path directory;

    @Test
    void noFileStaysBehindEvenWhileItIsOpen() throws IOException {
        try (Spool spool = Spool.in(directory)) {
            spool.write(1);

            assertThat(directory).isEmptyDirectory();
            assertThat(spool.open(0, 5).readAllBytes()).containsExactly(1);
        }
    }

    @Test
    void whatIsReadMeanwhileDoesNotMoveWhatIsWritten() throws IOException {
        try (Spool spool = Spool.in(directory)) {
            spool.write(new byte[] {1, 2, 3});
            assertThat(spool.open(0, 1).readAllBytes()).containsExactly(1);
            spool.write(new byte[] {4, 5});

            assertThat(spool.open(0, 9).readAllBytes()).containsExactly(1, 2, 3, 4, 5);
        }
    }

    /** Others read it too. */
    @Test
    void anInterruptedThreadClosesItForNobody() throws IOException {
        try (Spool spool = Spool.in(directory)) {
            spool.write(new byte[] {1, 2, 3});
            Thread.currentThread().interrupt();
            try {
                assertThat(spool.open(0, 3).readAllBytes()).containsExactly(1, 2, 3);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(spool.open(0, 3).readAllBytes()).containsExactly(1, 2, 3);
        }
    }
}
