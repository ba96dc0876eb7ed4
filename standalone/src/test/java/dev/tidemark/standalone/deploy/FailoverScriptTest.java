package dev.tidemark.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code deploy/failover.sh} reads its command line; that it fails over, FailoverTest shows. */
class FailoverScriptTest {
    private static final Path SCRIPT =
            Path.of("..", "deploy", "failover.sh").toAbsolutePath().normalize();

    @TempDir
    private Path directory;

    @Test
    void secondsWithAZeroInFrontAreThatManySeconds() throws IOException, InterruptedException {
        tidemarkWouldLose(9);

        assertThat(failover("--max-loss", "09")).as(said()).isZero();
        assertThat(said()).contains("--max-loss 9s", "--yes");
        assertThat(failover("--max-loss", "010")).as(said()).isZero();
        assertThat(said()).contains("--max-loss 10s");
        assertThat(failover("--max-loss", "08")).isEqualTo(3);
        assertThat(said()).contains("the last 9 s would be lost, and --max-loss allows 8");
    }

    @Test
    void whatLeadsIntoTheReplacementIsHandedOn() throws IOException, InterruptedException {
        tidemarkWouldLose(1);

        assertThat(failover(
                        "--target-ca-file", "ours.pem", "--max-loss", "60", "--target-password-file", "its password"))
                .as(said())
                .isZero();

        assertThat(said()).contains("--yes --target-ca-file ours.pem --target-password-file its password -c");
    }

    @Test
    void whoAsksForHelpIsToldWhichOptionsThereAre() throws IOException, InterruptedException {
        assertThat(failover("--help")).isEqualTo(2);

        assertThat(said()).contains("--config FILE", "--into URI", "--max-loss SECONDS", "--then COMMAND");
    }

    /** Stands in the place of the command: answers 'points', and repeats everything else. */
    private void tidemarkWouldLose(int seconds) throws IOException {
        Path command = Files.writeString(directory.resolve("tidemark"), """
            #!/bin/sh
            case $1 in
                points) echo '{"rpo_now_seconds":%d}' ;;
                *) echo "$@" ;;
            esac
            """.formatted(seconds));
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
    }

    private int failover(String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(
                List.of("bash", SCRIPT.toString(), "--config", "tidemark.yml", "--into", "redis://127.0.0.1:1"));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("failover.log").toFile());
        builder.environment().put("TIDEMARK", directory.resolve("tidemark").toString());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("failover.log"));
    }
}
