package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.standalone.ChildCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class TidemarkCommandTest {
    private static final String HUSH = "hunter2-correct-horse";
    private static final Instant NOW = Instant.parse("2026-11-20T14:00:00Z");

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory).at(Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void withoutACommandItSaysWhatThereIs() {
        assertThat(terminal.run()).isZero();

        assertThat(terminal.out())
                .contains("capture")
                .contains("compact")
                .contains("test")
                .contains("Exit codes:");
    }

    @Test
    void tellsTheVersionOfTheBuild() {
        assertThat(terminal.run("--version")).isZero();

        assertThat(terminal.out()).matches("(?s)tidemark \\d+\\.\\d+\\.\\d+(-SNAPSHOT)? \\(Java .+\\)\\R");
    }

    @Test
    void numbersAreWrittenAlikeInEveryLanguage() throws Exception {
        List<String> line = ChildCommand.line("demo", "--chunks", "0");
        line.addAll(1, List.of("-Duser.language=ar", "-Duser.country=EG"));
        Path said = directory.resolve("said");

        assertThat(ChildCommand.process(line, said).start().waitFor()).isEqualTo(ExitCode.USAGE.number());

        assertThat(Files.readString(said)).startsWith("--chunks is 0; nothing was started. It is ");
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void everyCommandHasHelpWithExamplesAndExitCodes(String command) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), "redis: {password: " + HUSH + "}\n");

        int code = command.isEmpty() ? terminal.run("--help") : terminal.run(command, "--help");

        assertThat(code).isZero();
        assertThat(terminal.out())
                .contains("Examples:", "Options:", "--config", "--output", "--help")
                .containsPattern("Examples:\\R +(\\./)?tidemark " + command)
                .doesNotContain(HUSH);
        for (ExitCode each : ExitCode.values()) {
            assertThat(terminal.out()).contains(each.number() + "   " + each.meaning());
        }
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void anUnknownCommandIsBadUsageAndTheNearestIsNamed() {
        assertThat(terminal.run("captre")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("captre").contains("tidemark capture");
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void anUnknownOptionIsBadUsage() {
        assertThat(terminal.run("capture", "--fast")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("--fast");
    }

    /** Java has put it there, for a key of Cyrillic letters typed under LC_ALL=C, as in a cron job. */
    @Test
    void aKeyThatTheLocaleCannotSayIsNotLookedFor() {
        assertThat(terminal.run("show", "chunk:\ufffd\ufffd", "--at", "latest")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("letters that the locale", "LC_ALL=C.UTF-8", "hex:");
    }

    /** Each of them in the place of an address, or where none belongs. */
    @ParameterizedTest
    @MethodSource("linesWithAWrongAddress")
    void aWrongAddressIsNotPrintedForThePasswordInIt(String line) {
        assertThat(terminal.run(line.split(" "))).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("redis://").doesNotContain(HUSH);
        assertThat(terminal.out()).isEmpty();
    }

    static Stream<String> linesWithAWrongAddress() {
        String address = "redis://ops:" + HUSH;
        return Stream.of(
                "restore --to latest --into " + address + "^@10.0.0.9:6379",
                "restore --to latest --into " + address + "%@10.0.0.9:6379",
                "restore --to latest --into " + address + "#@10.0.0.9:6379",
                "verify --at latest " + address + "^@10.0.0.9:6379",
                "up --redis " + address + "^@10.0.0.9:6379",
                "restore --to latest " + address + "@10.0.0.9:6379",
                "restore --to latest " + address + "/@x@10.0.0.9:6379");
    }

    @ParameterizedTest
    @MethodSource("everyCommandWithSettings")
    void everyProblemOfTheSettingsIsReportedBeforeAnythingStarts(String command) throws IOException {
        Path file = directory.resolve("rag.yml");
        Files.writeString(file, "source: {shards: 0}\nredis: {uri: 'redis://:" + HUSH + "@h'}\ns3: {buckt: x}\n");

        assertThat(terminal.run(command, "--config", file.toString())).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err())
                .contains("5 problems in " + file)
                .contains("source.name is missing")
                .contains("source.shards is 0; it may be 1 to 64")
                .contains("redis.uri holds a user or password")
                .contains("s3.buckt is unknown; the nearest known key is s3.bucket")
                .contains("s3.bucket is missing")
                .doesNotContain(HUSH)
                .doesNotContain("\tat ");
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void theConfigOptionMayStandBeforeTheCommandToo() {
        assertThat(terminal.run("--config", "absent.yml", "capture")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains(directory.resolve("absent.yml") + " is not there");
    }

    @Test
    void aStackTraceIsPrintedWhenAskedFor() {
        assertThat(terminal.run("test", "--stacktrace")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("./tidemark test").contains("\tat dev.tidemark.standalone");
    }

    @Test
    void anUnforeseenFailureIsOneLineThatTellsWhereTheRestIs() throws IOException {
        FailureReport report = new FailureReport(terminal.invocation().err(), () -> false);

        int code = report.report(new IllegalStateException("of key " + HUSH));

        assertThat(code).isEqualTo(ExitCode.UNEXPECTED.number());
        assertThat(terminal.err().lines()).hasSize(1);
        assertThat(terminal.err())
                .startsWith("unexpected failure: java.lang.IllegalStateException")
                .doesNotContain(HUSH);
        Path details = Path.of(terminal.err().replaceFirst("(?s).*details are in (\\S+\\.log)\\..*", "$1"));
        assertThat(details).content().contains(HUSH).contains("\tat ");
        Files.delete(details);
    }

    static Stream<String> everyCommand() {
        CommandLine line = TidemarkCommand.describe(Terminal.in(Path.of("")).invocation());
        return Stream.concat(Stream.of(""), line.getSubcommands().keySet().stream());
    }

    static Stream<String> everyCommandWithSettings() {
        return Stream.of("capture", "compact", "doctor");
    }
}
