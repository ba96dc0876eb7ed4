package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class TidemarkCommandTest {
    private static final String HUSH = "hunter2-correct-horse";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @Test
    void withoutACommandItSaysWhatThereIs() {
        assertThat(run()).isZero();

        assertThat(out())
                .contains("capture")
                .contains("compact")
                .contains("test")
                .contains("Exit codes:");
    }

    @Test
    void tellsTheVersionOfTheBuild() {
        assertThat(run("--version")).isZero();

        assertThat(out()).matches("(?s)tidemark \\d+\\.\\d+\\.\\d+(-SNAPSHOT)? \\(Java .+\\)\\R");
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void everyCommandHasHelpWithExamplesAndExitCodes(String command) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), "redis: {password: " + HUSH + "}\n");

        int code = command.isEmpty() ? run("--help") : run(command, "--help");

        assertThat(code).isZero();
        assertThat(out())
                .contains("Examples:", "Options:", "--config", "--output", "--help")
                .containsPattern("Examples:\\R +(\\./)?tidemark " + command)
                .doesNotContain(HUSH);
        for (ExitCode each : ExitCode.values()) {
            assertThat(out()).contains(each.number() + "   " + each.meaning());
        }
        assertThat(err()).isEmpty();
    }

    @Test
    void anUnknownCommandIsBadUsageAndTheNearestIsNamed() {
        assertThat(run("captre")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("captre").contains("tidemark capture");
        assertThat(out()).isEmpty();
    }

    @Test
    void anUnknownOptionIsBadUsage() {
        assertThat(run("capture", "--fast")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("--fast");
    }

    @ParameterizedTest
    @MethodSource("everyCommandWithSettings")
    void everyProblemOfTheSettingsIsReportedBeforeAnythingStarts(String command) throws IOException {
        Path file = directory.resolve("rag.yml");
        Files.writeString(file, "source: {shards: 0}\nredis: {uri: 'redis://:" + HUSH + "@h'}\ns3: {buckt: x}\n");

        assertThat(run(command, "--config", file.toString())).isEqualTo(ExitCode.USAGE.number());

        assertThat(err())
                .contains("5 problems in " + file)
                .contains("source.name is missing")
                .contains("source.shards is 0; it may be 1 to 64")
                .contains("redis.uri holds a user or password")
                .contains("s3.buckt is unknown; the nearest known key is s3.bucket")
                .contains("s3.bucket is missing")
                .doesNotContain(HUSH)
                .doesNotContain("\tat ");
        assertThat(out()).isEmpty();
    }

    @Test
    void theConfigOptionMayStandBeforeTheCommandToo() {
        assertThat(run("--config", "absent.yml", "capture")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains(directory.resolve("absent.yml") + " is not there");
    }

    @Test
    void aStackTraceIsPrintedWhenAskedFor() {
        assertThat(run("test", "--stacktrace")).isEqualTo(ExitCode.USAGE.number());

        assertThat(err()).contains("./tidemark test").contains("\tat dev.tidemark.standalone");
    }

    @Test
    void anUnforeseenFailureIsOneLineThatTellsWhereTheRestIs() throws IOException {
        FailureReport report = new FailureReport(new PrintStream(err, true, StandardCharsets.UTF_8), () -> false);

        int code = report.report(new IllegalStateException("of key " + HUSH));

        assertThat(code).isEqualTo(ExitCode.UNEXPECTED.number());
        assertThat(err().lines()).hasSize(1);
        assertThat(err())
                .startsWith("unexpected failure: java.lang.IllegalStateException")
                .doesNotContain(HUSH);
        Path details = Path.of(err().replaceFirst("(?s).*details are in (\\S+\\.log)\\..*", "$1"));
        assertThat(details).content().contains(HUSH).contains("\tat ");
        Files.delete(details);
    }

    static Stream<String> everyCommand() {
        Invocation invocation = new Invocation(
                System.out, System.err, Map.of(), Path.of(""), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
        CommandLine line = TidemarkCommand.describe(invocation);
        return Stream.concat(Stream.of(""), line.getSubcommands().keySet().stream());
    }

    static Stream<String> everyCommandWithSettings() {
        return Stream.of("capture", "compact", "doctor");
    }

    private int run(String... arguments) {
        Invocation invocation = new Invocation(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                directory,
                Clock.fixed(Instant.parse("2026-11-20T14:00:00Z"), ZoneOffset.UTC));
        return TidemarkCommand.run(invocation, arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
