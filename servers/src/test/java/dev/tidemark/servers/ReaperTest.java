package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaperTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

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

    /** As an operator's pkill -P does: the shell that watches is a child like any other. */
    @Test
    void serversDieWithAProcessWhoseChildrenWereAllKilledBefore(@TempDir Path directory) throws Exception {
        Process forsaking = start("again", directory);
        try {
            List<Long> first = serversOf(forsaking);
            List<ProcessHandle> children = forsaking.children().toList();
            assertThat(children)
                    .extracting(ProcessHandle::pid)
                    .containsAll(first)
                    .hasSize(first.size() + 1);
            children.forEach(ProcessHandle::destroyForcibly);
            List<Long> second = serversOf(forsaking);
            assertThat(second).hasSize(2).allMatch(ReaperTest::isAlive).doesNotContainAnyElementsOf(first);

            forsaking.destroyForcibly();

            Await.until(PATIENCE, () -> second.stream().noneMatch(ReaperTest::isAlive), "the servers are gone");
        } finally {
            forsaking.destroyForcibly();
        }
    }

    @Test
    void aShellThatIsKilledIsReplacedWhileTheServersLive(@TempDir Path directory) throws Exception {
        Process forsaking = start("stay", directory);
        try {
            List<Long> servers = serversOf(forsaking);
            ProcessHandle shell = shellOf(forsaking, servers);

            shell.destroyForcibly();
            Await.until(
                    PATIENCE,
                    () -> forsaking
                            .children()
                            .anyMatch(child -> !servers.contains(child.pid()) && !child.equals(shell)),
                    "another shell");
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

    private static ProcessHandle shellOf(Process process, List<Long> servers) {
        return process.children()
                .filter(child -> !servers.contains(child.pid()))
                .findFirst()
                .orElseThrow();
    }

    /** The next line of what the process prints. */
    private static List<Long> serversOf(Process process) throws IOException {
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        assertThat(line).as("the ids of the servers").isNotNull();
        return Arrays.stream(line.split(" ")).map(Long::valueOf).toList();
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
