package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has seen enough of the demonstration ends it, at whatever step, and is not told of a fault. */
class StoppedDemoTest {
    private static final Duration SOON = Duration.ofMinutes(3);

    @ParameterizedTest
    @ValueSource(strings = {"== 2.", "== 3.", "== 7."})
    void isEndedAtAnyStepInGoodOrder(String step, @TempDir Path directory) {
        Path log = directory.resolve("demo.log");
        try (ServiceProcess demo = new ServiceProcess("-Xmx512m", List.of("demo", "--chunks", "600"), log)) {
            Await.until(SOON, () -> said(log).contains(step), "step " + step);

            demo.terminate(SOON);

            assertThat(said(log))
                    .contains("stopped; every server of the demo ends with it, and its files are deleted")
                    .doesNotContain("fault of Tidemark's", "unexpected failure", "Exception");
        }
    }

    private static String said(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
