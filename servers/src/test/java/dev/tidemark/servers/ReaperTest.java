package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaperTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void serversDieWithAProcessThatIsKilled(@TempDir Path directory) throws Exception {
        Process forsaking = start("stay", directory);
        try {
            List<Long> servers = serversOf(forsaking);
            assertThat(servers).hasSize(2).allMatch(ReaperTest::isAlive);

            forsaking.destroyForcibly();

            Await.until(PATIENCE, () -> servers.stream().noneMatch(ReaperTest::isAlive), "the servers are gone");
        } finally {
            forsaking.destroyForcibly();
        }
    }

    @Test
    void serversDieWithAProcessThatForgetsThem(@TempDir Path directory) throws Exception {
        Process forsaking = start("leave", directory);
        try {
            List<Long> servers = serversOf(forsaking);

            assertThat(forsaking.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(forsaking.exitValue()).isZero();
            Await.until(PATIENCE, () -> servers.stream().noneMatch(ReaperTest::isAlive), "the servers are gone");
        } finally {
            forsaking.destroyForcibly();
        }
    }

    private static Process start(String what, Path directory) throws IOException {
        return new ProcessBuilder(
                        Executables.java().toString(),
                        "-Dtidemark.servers.dir=" + directory,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ForsakenServers.class.getName(),
                        what)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<Long> serversOf(Process process) throws IOException {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            assertThat(line).as("the ids of the servers").isNotNull();
            return Arrays.stream(line.split(" ")).map(Long::valueOf).toList();
        }
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
