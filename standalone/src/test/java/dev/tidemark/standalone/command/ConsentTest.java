package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.ChildCommand;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody sits at a terminal, or nobody does, and a restore would destroy what its target holds. */
class ConsentTest {
    @RegisterExtension
    static final Incident INCIDENT = new Incident();

    private static final Duration SOON = Duration.ofSeconds(90);
    /** On a busy machine. */
    private static final Duration UNTIL_IT_ASKS = Duration.ofSeconds(40);

    private static final String QUESTION = "Type yes to go on";
    private static final String NOBODY_IS_THERE_TO_ANSWER = "";

    private RedisServer target;
    private RedisClient client;

    @BeforeAll
    static void needATerminal() throws IOException, InterruptedException {
        Process version;
        try {
            version = new ProcessBuilder("script", "--version").start();
        } catch (IOException missing) {
            assumeTrue(false, "'script' of util-linux is not installed, so there is no terminal");
            return;
        }
        String said = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assumeTrue(version.waitFor() == 0 && said.contains("util-linux"), "'script' is not that of util-linux");
    }

    @BeforeEach
    void aTargetThatHoldsSomething() {
        target = RedisServer.start();
        client = RedisClient.create(target.uri().toString());
        client.connect().sync().set("ours", "precious");
    }

    @AfterEach
    void stop() {
        client.close();
        target.close();
    }

    @Test
    void whoDoesNotSayYesKeepsEverything() throws IOException, InterruptedException {
        assertThat(atATerminal("no\n", "--replace")).as(said()).isEqualTo(ExitCode.TARGET_REFUSED.number());

        assertThat(said())
                .contains(
                        target.uri() + ": every key in all its databases is deleted, once the archive is validated.",
                        "prod-rag as of " + INCIDENT.last,
                        "nothing was touched",
                        "--yes");
        assertThat(keys()).containsExactly("ours");
    }

    @Test
    void whoSaysNothingKeepsEverything() throws IOException, InterruptedException {
        assertThat(atATerminal(NOBODY_IS_THERE_TO_ANSWER, "--merge"))
                .as(said())
                .isEqualTo(ExitCode.TARGET_REFUSED.number());

        assertThat(said()).contains("the keys of the restore that it holds are written over", "nothing was touched");
        assertThat(keys()).containsExactly("ours");
    }

    @Test
    void whoSaysYesIsAskedOnce() throws IOException, InterruptedException {
        assertThat(atATerminal("yes\n", "--replace", "--in-place")).as(said()).isZero();

        assertThat(said()).containsOnlyOnce(QUESTION).contains("It may be the captured source itself (--in-place).");
        assertThat(keys()).contains("chunk:1").doesNotContain("ours");
    }

    /** By then more would be lost than was allowed. */
    @Test
    void whoSaysYesTooLateIsRefused() throws IOException, InterruptedException {
        Instant tooLate = Instant.now().plus(UNTIL_IT_ASKS);
        Duration lossMax = Duration.between(INCIDENT.last, tooLate);
        List<String> restore = restore("--replace", "--max-loss", lossMax.toSeconds() + "s");
        Process asking = start(List.of("script", "-qec", quoted(restore), "/dev/null"));
        try (OutputStream keyboard = asking.getOutputStream()) {
            Await.until(SOON, () -> said().contains(QUESTION) || !asking.isAlive(), "the question");
            assertThat(said()).contains(QUESTION);
            Await.until(SOON, () -> Instant.now().isAfter(tooLate), "it is too late");
            keyboard.write("yes\n".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(ended(asking)).as(said()).isEqualTo(ExitCode.NOT_RESTORABLE.number());
        assertThat(said()).contains("--max-loss allows", "Nothing was written to any target");
        assertThat(keys()).containsExactly("ours");
    }

    @Test
    void whoHasSaidYesBeforeIsNotAsked() throws IOException, InterruptedException {
        assertThat(atATerminal(NOBODY_IS_THERE_TO_ANSWER, "--replace", "--yes"))
                .as(said())
                .isZero();

        assertThat(said()).doesNotContain(QUESTION);
        assertThat(keys()).contains("chunk:1").doesNotContain("ours");
    }

    @Test
    void aDryRunAsksNothing() throws IOException, InterruptedException {
        assertThat(atATerminal(NOBODY_IS_THERE_TO_ANSWER, "--replace", "--dry-run"))
                .as(said())
                .isZero();

        assertThat(said()).doesNotContain(QUESTION);
        assertThat(keys()).containsExactly("ours");
    }

    @Test
    void withoutATerminalNobodyIsAsked() throws IOException, InterruptedException {
        assertThat(run(NOBODY_IS_THERE_TO_ANSWER, restore("--replace", "-o", "json")))
                .as(said())
                .isZero();

        assertThat(said()).doesNotContain(QUESTION);
        assertThat(keys()).contains("chunk:1").doesNotContain("ours");
    }

    /** Its question would stand in the JSON, or be seen by nobody. */
    @Test
    void whoReadsTheAnswerFromAFileIsNotAsked() throws IOException, InterruptedException {
        Path json = INCIDENT.directory.resolve("restored.json");
        String line = quoted(restore("--replace", "-o", "json")) + " > " + json;

        assertThat(run(NOBODY_IS_THERE_TO_ANSWER, List.of("script", "-qec", line, "/dev/null")))
                .as(said())
                .isZero();

        assertThat(AnswerSchemas.problems("restore", Files.readString(json))).isEmpty();
        assertThat(keys()).contains("chunk:1").doesNotContain("ours");
    }

    /** It does not wait for the terminal until whoever stops it loses patience. */
    @Test
    void aSignalIsAnAnswer() throws IOException, InterruptedException {
        Process restore = start(List.of("script", "-qec", quoted(restore("--replace")), "/dev/null"));
        Await.until(SOON, () -> said().contains(QUESTION) || !restore.isAlive(), "the question");

        restore.descendants().forEach(ProcessHandle::destroy);

        assertThat(ended(restore)).as(said()).isEqualTo(143);
        assertThat(said())
                .contains("interrupted before there was an answer", "stopped before the first write")
                .contains(target.uri() + " is as it was");
        assertThat(keys()).containsExactly("ours");
    }

    private int atATerminal(String typed, String... options) throws IOException, InterruptedException {
        return run(typed, List.of("script", "-qec", quoted(restore(options)), "/dev/null"));
    }

    private int run(String typed, List<String> line) throws IOException, InterruptedException {
        Process process = start(line);
        try (OutputStream keyboard = process.getOutputStream()) {
            keyboard.write(typed.getBytes(StandardCharsets.UTF_8));
        }
        return ended(process);
    }

    private Process start(List<String> line) throws IOException {
        ProcessBuilder builder = ChildCommand.process(line, log());
        builder.environment().put("SHELL", "/bin/sh");
        return builder.start();
    }

    private static int ended(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> restore(String... options) {
        List<String> line = ChildCommand.line(
                "restore",
                "--config",
                INCIDENT.directory.resolve("tidemark.yml").toString(),
                "--no-tail",
                "--to",
                "latest",
                "--into",
                target.uri().toString());
        line.addAll(List.of(options));
        return line;
    }

    /** As a shell reads them; {@code exec}, so that signals reach it and not a shell. */
    private static String quoted(List<String> words) {
        return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ", "exec ", ""));
    }

    private List<String> keys() {
        return client.connect().sync().keys("*");
    }

    private static Path log() {
        return INCIDENT.directory.resolve("terminal.log");
    }

    private static String said() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
