package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.FreePort;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.standalone.configuration.Configuration;
import dev.tidemark.standalone.runbook.Runbook;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunbookCommandTest {
    private static final Path PAGES = Path.of("..", "docs", "runbooks");
    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\\n(.*?)```");
    private static final Pattern SPOKEN = Pattern.compile("`(tidemark [a-z][^`]*)`");
    private static final Pattern BLANK = Pattern.compile("<[a-z][a-z-]*>");
    private static final Pattern LINK = Pattern.compile("\\]\\(([a-z0-9-]+\\.md)\\)");

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);

    @ParameterizedTest
    @EnumSource
    void everyCommandInAPageIsOneOfThisBuild(Runbook runbook) throws IOException {
        configure();
        assertThat(terminal.run("runbook", runbook.spoken(), "--scratch", "redis://10.0.0.9:6379"))
                .isZero();

        List<String> commands = Stream.concat(
                        BLOCK.matcher(terminal.out()).results().flatMap(block -> block.group(1)
                                .lines()
                                .map(String::strip)
                                .filter(line -> !line.isEmpty())),
                        SPOKEN.matcher(terminal.out()).results().map(found -> found.group(1)))
                .toList();
        assertThat(commands).isNotEmpty();
        for (String command : commands) {
            assertThat(command).startsWith("tidemark ");
            String[] words = command.substring("tidemark ".length()).split(" +", -1);
            assertThatCode(() -> TidemarkCommand.describe(terminal.invocation()).parseArgs(words))
                    .as(command)
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyBlankIsFilledInAndEveryLinkLeadsSomewhere(Runbook runbook) throws IOException {
        configure();
        assertThat(terminal.run("runbook", runbook.spoken())).isZero();

        assertThat(BLANK.matcher(terminal.out()).results().map(MatchResult::group))
                .isEmpty();
        assertThat(terminal.out())
                .contains("**Done when**")
                .contains(directory.resolve("tidemark.yml").toString());
        LINK.matcher(terminal.out()).results().forEach(link -> assertThat(PAGES.resolve(link.group(1)))
                .exists());
    }

    @Test
    void everyPageIsARunbook() throws IOException {
        Set<String> runbooks = new TreeSet<>(Set.of("README.md"));
        Arrays.stream(Runbook.values()).forEach(each -> runbooks.add(each.spoken() + ".md"));
        Set<String> pages = new TreeSet<>();
        try (Stream<Path> files = Files.list(PAGES)) {
            files.forEach(file -> pages.add(file.getFileName().toString()));
        }

        assertThat(pages).isEqualTo(runbooks);
    }

    @Test
    void withoutANameItSaysWhichThereAre() {
        assertThat(terminal.run("runbook")).isZero();

        assertThat(terminal.out().lines()).hasSize(Runbook.values().length);
        assertThat(terminal.out()).contains("flushall       FLUSHALL, FLUSHDB or SWAPDB");
    }

    @Test
    void anUnknownNameIsBadUsage() {
        assertThat(terminal.run("runbook", "fire")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("'fire'").contains("region-lost");
    }

    @Test
    void whoIsCalledAndWhatPracticeHasShownStandOnThePage() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            configure(s3.uri(), s3.bucket(), s3.accessKey(), s3.secretKey());
            assertThat(terminal.run("runbook", "flushall")).isZero();
            assertThat(terminal.out()).contains("there was none, so nobody knows how long a restore takes");

            Settings settings = new Configuration(directory, Map.of()).load(Optional.empty(), Role.RESTORER);
            try (Archive archive = Archive.open(settings.s3(), settings.source().name())) {
                archive.drills()
                        .publish(
                                Instant.parse("2026-11-20T02:10:00Z"),
                                "{\"passed\":true,\"rto_seconds\":192}".getBytes(StandardCharsets.UTF_8),
                                new byte[0]);
            }
            assertThat(terminal.run("runbook", "flushall")).isZero();
        }

        assertThat(terminal.out())
                .contains("**Call:** on call: +49 30 1; then the owner: jane@example.org")
                .contains("**Last drill:** PASS at 2026-11-20T02:10:00Z, RTO 3 m 12 s");
    }

    @Test
    void aPageIsPrintedThoughS3IsGone() throws IOException {
        configure();
        assertThat(terminal.run("runbook", "region-lost")).isZero();

        assertThat(terminal.out()).contains("**Last drill:** not known, since S3 does not answer");
    }

    @Test
    void noSentinelIsNamedAsWhatToRestoreInto() throws IOException {
        configure();
        configureToo("redis: {uri: \"redis://sentinel1:26379\", sentinel: {master: mymaster}}");
        assertThat(terminal.run("runbook", "flushall")).isZero();

        assertThat(terminal.out())
                .contains("--into redis://PRIMARY:6379 --in-place")
                .doesNotContain("sentinel1");
    }

    @Test
    void aSourceWithoutSentinelsIsNamed() throws IOException {
        configure();
        configureToo("redis: {uri: \"redis://redis1:6380\"}");
        assertThat(terminal.run("runbook", "flushall")).isZero();

        assertThat(terminal.out()).contains("--into redis://redis1:6380 --in-place");
    }

    @Test
    void objectsAreLookedForWhereTheyLie() throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), """
            source: {name: rag}
            s3: {bucket: vault, root: team/redis, endpoint: "http://127.0.0.1:1", access-key-id: a, secret-access-key: b}
            """);
        assertThat(terminal.run("runbook", "s3-damaged")).isZero();

        assertThat(terminal.out())
                .contains("--bucket vault --prefix team/redis/rag/ --endpoint-url http://127.0.0.1:1`");
    }

    @Test
    void aCommandCanBeCopiedIntoAShellThoughTheFileIsInADirectoryWithSpaces() throws IOException {
        configure();
        Path spaced =
                Files.createDirectory(directory.resolve("my o'clock data")).resolve("tidemark.yml");
        Files.move(directory.resolve("tidemark.yml"), spaced);

        assertThat(terminal.run("runbook", "flushall", "-c", spaced.toString())).isZero();

        assertThat(terminal.out())
                .contains("tidemark points -c '" + directory + "/my o'\\''clock data/tidemark.yml'\n");
    }

    @Test
    void amazonsOwnStoreNeedsNoEndpoint() {
        Settings settings = Settings.defaults();
        String text = Runbook.S3_DAMAGED.filledIn(
                settings, directory.resolve("tidemark.yml"), URI.create("redis://SCRATCH:6379"), "none");

        assertThat(text).contains("--prefix " + settings.source().name() + "/`").doesNotContain("endpoint");
    }

    private void configureToo(String line) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), line + "\n", StandardOpenOption.APPEND);
    }

    private void configure() throws IOException {
        configure(URI.create("http://127.0.0.1:" + FreePort.next()), "vault", "a", "b");
    }

    private void configure(URI endpoint, String bucket, String accessKey, String secretKey) throws IOException {
        String yaml = """
            source: {name: rag, contacts: ["on call: +49 30 1", "the owner: jane@example.org"]}
            s3: {bucket: "%s", endpoint: "%s", path-style: true, access-key-id: "%s", secret-access-key: "%s"}
            """.formatted(bucket, endpoint, accessKey, secretKey);
        Files.writeString(directory.resolve("tidemark.yml"), yaml);
    }
}
