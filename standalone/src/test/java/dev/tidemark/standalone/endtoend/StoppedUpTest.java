package dev.tidemark.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has named the wrong Redis and sees it wait stops it, and names the right one. */
class StoppedUpTest {
    private static final Duration SOON = Duration.ofMinutes(1);

    /** At once it may not have come to its Redis. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1_000})
    void takesItsBeginningBack(int afterMillis, @TempDir Path directory) throws IOException, InterruptedException {
        Path data = directory.resolve("data");
        Path log = directory.resolve("up.log");
        try (RedisServer silent = RedisServer.start()) {
            silent.pause();
            List<String> line = List.of("up", "--redis", silent.uri().toString(), "--data", data.toString());
            try (ServiceProcess up = new ServiceProcess("-Xmx256m", line, log)) {
                Await.until(SOON, () -> Files.exists(data.resolve("tidemark.yml")), "it has begun");
                Thread.sleep(afterMillis);

                up.terminate(SOON);

                assertThat(up.exitCode(SOON)).isNotZero();
            }
        }
        assertThat(Files.readString(log))
                .contains("stopped before it had started; nothing is left running")
                .doesNotContain("Exception", "name the right one");
        assertThat(data.resolve("tidemark.yml")).doesNotExist();
    }
}
