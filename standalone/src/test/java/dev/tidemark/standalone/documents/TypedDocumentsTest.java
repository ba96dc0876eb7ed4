package dev.tidemark.standalone.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.restorer.Points;
import dev.tidemark.restorer.Restorer;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import dev.tidemark.standalone.configuration.Configuration;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Every shell block of README.md and docs that does not say why not is typed. */
class TypedDocumentsTest {
    private static final Duration SOON = Duration.ofMinutes(3);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void theyDoWhatTheySay() throws IOException, InterruptedException {
        List<String> failures = new ArrayList<>();
        int typed = 0;
        try (RedisServer source = RedisServer.start();
                // Baselines are taken from a replica.
                RedisServer replica =
                        RedisServer.start(RedisServer.Options.defaults().withReplicaOf(source.port()));
                RedisServer scratch = RedisServer.start();
                TypedCommands commands = TypedCommands.open(workplace())) {
            fill(source);
            TypedLine typing = new TypedLine(source, scratch, directory);
            for (ShellBlock block : Documents.shellBlocks()) {
                if (block.notRun().isPresent() || DemoTest.types(block)) {
                    continue;
                }
                emptied(scratch);
                if (block.text().contains("--rdb")) {
                    // Another page's block wrote one, and a restore does not write over it.
                    Files.deleteIfExists(directory.resolve("dump.rdb"));
                }
                run(block, typing).ifPresent(failures::add);
                typed++;
                if (block.text().contains("--in-place")) {
                    // Whoever turns to the next page has seen that capture claims again.
                    awaitProtected(begun(), Instant.now());
                }
                if (block.text().contains("tidemark up")) {
                    Settings settings = begun();
                    typing.seenAt(settings.http());
                    typing.restorableFrom(awaitProtected(settings, Instant.now()));
                    // Some pages are about the time after Kafka.
                    Await.seldom(
                            SOON, () -> points(settings, false).flatMap(Points::latest), "restorable from S3 alone");
                    prepareServices();
                }
            }
            assertThat(replica.uri()).isNotNull();
            assertThat(failures).isEmpty();
            assertThat(commands.ended()).isEmpty();
        }
        assertThat(typed).isGreaterThan(25);
    }

    private Optional<String> run(ShellBlock block, TypedLine typing) throws IOException, InterruptedException {
        Path said = directory.resolve("said");
        ProcessBuilder builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", typing.typed(block))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("TIDEMARK_"));
        environment.put("PATH", directory + ":" + environment.get("PATH"));
        Process shell = builder.start();
        boolean hasEnded = shell.waitFor(SOON.toSeconds(), TimeUnit.SECONDS);
        if (!hasEnded) {
            shell.destroyForcibly();
        }
        return hasEnded && shell.exitValue() == 0
                ? Optional.empty()
                : Optional.of("%s ended with %s%n%s%s"
                        .formatted(
                                block.place(),
                                hasEnded ? "exit code " + shell.exitValue() : "nothing, it hangs",
                                typing.typed(block),
                                Files.readString(said)));
    }

    /** Where a reader would stand: a checkout, with a command on the path. */
    private Path workplace() throws IOException {
        Files.createSymbolicLink(directory.resolve("deploy"), Documents.ROOT.resolve("deploy"));
        Files.createSymbolicLink(
                directory.resolve("tidemark.example.yml"), Documents.ROOT.resolve("tidemark.example.yml"));
        return directory;
    }

    /** What a reader has made of the example file by then; the services stand by beside those of {@code up}. */
    private void prepareServices() throws IOException {
        String ours = Files.readString(directory.resolve("tidemark-data/tidemark.yml"));
        Files.writeString(
                directory.resolve("tidemark.yml"),
                ours.replaceAll("(capture|compactor)-port: \\d+", "$1-port: 0")
                        .replace("state-dir: streams", "state-dir: streams-of-another")
                        .replace("key-file: ", "key-file: tidemark-data/"));
    }

    private Settings begun() {
        Path config = directory.resolve("tidemark-data/tidemark.yml");
        Await.until(SOON, () -> Files.exists(config), "the configuration of 'tidemark up'");
        return new Configuration(directory, Map.of()).load(Optional.of(config), Role.RESTORER);
    }

    private static Points awaitProtected(Settings settings, Instant past) {
        return Await.seldom(
                SOON,
                () -> points(settings, true)
                        .filter(points -> points.latest().map(past::isBefore).orElse(false)),
                "restorable past " + past);
    }

    private static Optional<Points> points(Settings settings, boolean withTail) {
        try (Restorer restorer = Restorer.open(settings)) {
            return Optional.of(restorer.points(withTail));
        } catch (TidemarkError starting) {
            assertThat(starting.code()).as(starting.getMessage()).isEqualTo(ExitCode.UNREACHABLE);
            return Optional.empty();
        }
    }

    private static void emptied(RedisServer scratch) {
        try (RedisClient client = RedisClient.create(scratch.uri().toString())) {
            client.connect().sync().flushall();
        }
    }

    private static void fill(RedisServer source) {
        try (RedisClient client = RedisClient.create(source.uri().toString())) {
            RedisCommands<String, String> commands = client.connect().sync();
            for (int chunk = 0; chunk < 100; chunk++) {
                commands.hset("chunk:" + chunk, Map.of("text", "what chunk " + chunk + " says", "doc_id", "7"));
            }
        }
    }
}
