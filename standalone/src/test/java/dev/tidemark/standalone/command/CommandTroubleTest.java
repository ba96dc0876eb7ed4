package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.servers.S3Faults;
import dev.tidemark.servers.S3Requests;
import dev.tidemark.servers.SmallDisk;
import dev.tidemark.standalone.ChildCommand;
import dev.tidemark.standalone.endtoend.ScratchDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A bucket without rights, a wrong password, a port in use, a full disk, a word to stop: each command names the thing and the way out. */
class CommandTroubleTest {
    @RegisterExtension
    static final Incident INCIDENT = new Incident();

    @Test
    void aBucketWithoutRightsIsNamedWithTheWayOut() {
        try (S3Faults.Injection refused = INCIDENT.s3.faults().failRatio(1, 403, S3Requests.all())) {
            for (String[] line : new String[][] {
                {"points", "--no-tail"},
                {"restore", "--no-tail", "--to", "latest", "--into", "redis://127.0.0.1:1"},
                {"drill", "--no-tail"},
                {"verify", "redis://127.0.0.1:1", "--no-tail", "--at", "latest"},
                {"show", "chunk:1", "--no-tail", "--at", "latest"}
            }) {
                assertThat(INCIDENT.run(line)).as(INCIDENT::printed).isEqualTo(ExitCode.UNREACHABLE.number());
                assertThat(INCIDENT.printed()).contains("s3://" + INCIDENT.s3.bucket(), "Check s3.access-key-id");
            }
            assertThat(refused.hits()).isPositive();
        }
    }

    @Test
    void aTargetsWrongPasswordIsNamedWithTheWayOut() {
        try (RedisServer target = RedisServer.start()) {
            target.aclUser("default", "hunter2-correct-horse", "~*", "&*", "+@all");
            String uri = target.uri().toString();
            for (String[] line : new String[][] {
                {"restore", "--no-tail", "--to", "latest", "--into", uri},
                {"verify", uri, "--no-tail", "--at", "latest"}
            }) {
                assertThat(INCIDENT.run(line)).as(INCIDENT::printed).isEqualTo(ExitCode.UNREACHABLE.number());
                assertThat(INCIDENT.printed()).contains("127.0.0.1:" + target.port(), "--target-password-file");
            }
        }
    }

    @Test
    void aTargetsUnknownAuthorityIsNamedWithTheWayOut() throws IOException {
        try (RedisServer target =
                RedisServer.start(RedisServer.Options.defaults().withTls())) {
            String uri = target.uri().toString();
            String known = target.caFile().toString();
            String nonsense = Files.writeString(INCIDENT.directory.resolve("nonsense.pem"), "no certificate")
                    .toString();
            String[] restore = {"restore", "--no-tail", "--to", "latest", "--into", uri};
            String[] verify = {"verify", uri, "--no-tail", "--at", "latest"};
            for (String[] line : new String[][] {restore, verify}) {
                assertThat(INCIDENT.run(line)).as(INCIDENT::printed).isEqualTo(ExitCode.UNREACHABLE.number());
                assertThat(INCIDENT.printed()).contains("127.0.0.1:" + target.port(), "--target-ca-file");

                assertThat(INCIDENT.run(with(line, "--target-ca-file", known + ".not")))
                        .isEqualTo(ExitCode.USAGE.number());
                assertThat(INCIDENT.printed()).contains(known + ".not of --target-ca-file cannot be read");

                assertThat(INCIDENT.run(with(line, "--target-ca-file", nonsense)))
                        .as(INCIDENT::printed)
                        .isEqualTo(ExitCode.USAGE.number());
                assertThat(INCIDENT.printed()).contains(nonsense + " of --target-ca-file holds no certificate");

                assertThat(INCIDENT.run(with(line, "--target-ca-file", known)))
                        .as(INCIDENT::printed)
                        .isZero();
            }
            assertThat(INCIDENT.run(
                            "verify", uri.replace("rediss", "redis"), "--at", "latest", "--target-ca-file", known))
                    .isEqualTo(ExitCode.USAGE.number());
            assertThat(INCIDENT.printed()).contains("begins with rediss://");
            assertThat(INCIDENT.run("restore", "--to", "latest", "--serve", "7000", "--target-ca-file", known))
                    .isEqualTo(ExitCode.USAGE.number());
            assertThat(INCIDENT.printed()).contains("--target-ca-file goes with --into");
        }
    }

    private static String[] with(String[] line, String... more) {
        return Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheWayOut() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(INCIDENT.run("restore", "--no-tail", "--to", "latest", "--serve", port))
                    .as(INCIDENT::printed)
                    .isEqualTo(ExitCode.USAGE.number());

            assertThat(INCIDENT.printed()).contains("127.0.0.1:" + port, "in use", "another port with --serve");
        }
    }

    @Test
    void aFullDiskIsNamedWithTheWayOut() {
        try (SmallDisk full = ScratchDisk.mountFull(INCIDENT.directory)) {
            Path file = full.path().resolve("dump.rdb");

            assertThat(INCIDENT.run("restore", "--no-tail", "--to", "latest", "--rdb", file.toString()))
                    .as(INCIDENT::printed)
                    .isEqualTo(ExitCode.TARGET_REFUSED.number());

            assertThat(INCIDENT.printed())
                    .contains(file + " cannot be written", "No space left on device", "make room");
            assertThat(file).doesNotExist();
        }
    }

    /** Hardened machines let nothing run from /tmp; a service would read and write nothing, and go on. */
    @Test
    void temporaryFilesThatNothingRunsFromAreNamedBeforeAnythingStarts() throws Exception {
        try (SmallDisk noexec = ScratchDisk.mountNoexec(INCIDENT.directory);
                SmallDisk full = ScratchDisk.mountFull(INCIDENT.directory)) {
            for (String command : List.of("points", "capture", "compact")) {
                assertThat(inTemporary(noexec, command)).isEqualTo(ExitCode.USAGE.number());
                assertThat(printedTo("temporary.log"))
                        .contains(
                                "zstd's native code does not run in " + noexec.path() + ": failed to map",
                                "Nothing was started",
                                "TIDEMARK_JAVA_OPTIONS=-Djava.io.tmpdir=");
            }
            assertThat(inTemporary(noexec, "doctor")).isEqualTo(ExitCode.DEGRADED.number());
            assertThat(printedTo("temporary.log"))
                    .containsPattern("MISSING +compression +zstd's native code does not run in " + noexec.path());
            assertThat(inTemporary(full, "points")).isEqualTo(ExitCode.USAGE.number());
            assertThat(printedTo("temporary.log")).contains("No space left on device", "-Djava.io.tmpdir=");
        }
    }

    private static int inTemporary(SmallDisk disk, String command) throws Exception {
        List<String> line = ChildCommand.line(
                command, "--config", INCIDENT.configure("prod-rag", "http: {capture-port: 0, compactor-port: 0}"));
        line.add(1, "-Djava.io.tmpdir=" + disk.path());
        return ChildCommand.process(line, INCIDENT.directory.resolve("temporary.log"))
                .start()
                .waitFor();
    }

    @Test
    void aRestoreThatIsToldToStopSaysWhatTheTargetHolds() throws Exception {
        try (RedisServer target = RedisServer.start()) {
            target.pause();
            List<String> line = ChildCommand.line(
                    "restore",
                    "--config",
                    INCIDENT.directory.resolve("tidemark.yml").toString(),
                    "--no-tail",
                    "--to",
                    "latest",
                    "--into",
                    target.uri().toString());
            Process restore = ChildCommand.process(line, INCIDENT.directory.resolve("restore.log"))
                    .start();
            try {
                Await.until(
                        Duration.ofSeconds(60),
                        () -> printedTo("restore.log").contains("takes      about") || !restore.isAlive(),
                        "the restore to have its plan");
                assertThat(printedTo("restore.log")).contains("takes      about");
                restore.destroy();

                assertThat(restore.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(printedTo("restore.log"))
                        .contains(
                                "stopped before the first write; redis://127.0.0.1:" + target.port() + " is as it was");
            } finally {
                restore.destroyForcibly();
                target.resume();
            }
        }
    }

    private static String printedTo(String file) {
        try {
            return Files.readString(INCIDENT.directory.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
