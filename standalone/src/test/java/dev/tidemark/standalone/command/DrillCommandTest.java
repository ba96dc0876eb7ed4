package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.servers.Await;
import dev.tidemark.servers.RedisServer;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A restore that is only tried: what it finds is reported, published, and seen in the status. */
class DrillCommandTest {
    @RegisterExtension
    static final Incident INCIDENT = new Incident();

    @Test
    void aDrillRestoresVerifiesPublishesAndShowsInTheStatus() throws IOException {
        String config = INCIDENT.configureBackedUp("drilled", "restorer: {rpo-target: 1h}");

        JsonNode report = INCIDENT.answer("drill", 0, "--no-tail", "--at", "latest", "--config", config);

        assertThat(report.get("passed").asBoolean()).isTrue();
        assertThat(report.get("rto_seconds").asDouble()).isPositive();
        assertThat(report.get("searches_left_out").asText()).contains("could not be searched");
        assertThat(INCIDENT.run("status", "--no-tail", "--config", config))
                .as(INCIDENT::printed)
                .isZero();
        assertThat(INCIDENT.text()).containsPattern("last drill \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\dZ PASS, RTO \\d");
        assertThat(INCIDENT.answer("status", 0, "--no-tail", "--config", config)
                        .at("/last_drill/passed")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aDrillSearchesTheSourceTooAndAllowsForWhatChangedThereSince() throws IOException {
        try (RedisServer source = RedisServer.start()) {
            String uri = source.uri().toString();
            String config = INCIDENT.configureBackedUp("searched", "");
            INCIDENT.answer("restore", 0, "--no-tail", "--config", config, "--to", "latest", "--into", uri);
            Path file = Path.of(config);
            Files.writeString(file, Files.readString(file).replace("redis://127.0.0.1:1", uri));

            JsonNode same = INCIDENT.answer("drill", 0, "--no-tail", "--config", config, "--at", "latest");
            assertThat(same.get("searches")).hasSize(2);
            assertThat(same.at("/searches/0/common").asInt()).isEqualTo(2);
            assertThat(same.at("/searches/0/changed_since").asInt()).isZero();

            RedisClient client = RedisClient.create(uri);
            client.connect().sync().del("chunk:2");
            client.shutdown();
            JsonNode later = INCIDENT.answer("drill", 0, "--no-tail", "--config", config, "--at", "latest");
            assertThat(later.at("/searches/0/agrees").asBoolean()).isTrue();
            assertThat(later.at("/searches/0/changed_since").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aDrillOfATimeThatCannotBeRestoredFailsAndTheStatusSaysSo() throws IOException {
        String config = INCIDENT.configureBackedUp("failing", "restorer: {rpo-target: 1h}");

        JsonNode report = INCIDENT.answer(
                "drill",
                3,
                "--no-tail",
                "--config",
                config,
                "--at",
                INCIDENT.gapBegins.plusSeconds(10).toString());

        assertThat(report.get("failure").asText()).contains("cannot be restored");
        assertThat(INCIDENT.answer("status", 8, "--no-tail", "--config", config)
                        .at("/problems/0/kind")
                        .asText())
                .isEqualTo("drill_failed");
    }

    /** A CronJob that somebody suspended leaves nobody else to say so. */
    @Test
    void aDrillThatASchedulerDoesNotStartIsMissedByTheStatus() throws IOException {
        String config = INCIDENT.configureBackedUp("scheduled", "restorer: {rpo-target: 1h}");

        INCIDENT.answer("drill", 0, "--no-tail", "--config", config, "--at", "latest", "--next-in", "6h");
        assertThat(INCIDENT.answer("status", 0, "--no-tail", "--config", config)
                        .at("/last_drill/next_due_at")
                        .asText())
                .isNotEmpty();

        INCIDENT.answer("drill", 0, "--no-tail", "--config", config, "--at", "latest", "--next-in", "1s");
        Await.until(
                Duration.ofSeconds(60),
                () -> INCIDENT.run("status", "--no-tail", "--config", config) == ExitCode.DEGRADED.number(),
                "the next one to be missing");
        assertThat(INCIDENT.answer("status", 8, "--no-tail", "--config", config)
                        .at("/problems/0/kind")
                        .asText())
                .isEqualTo("drill_overdue");
    }

    @Test
    void whoRunsTheNextDrillIsSaidOnce() {
        assertThat(INCIDENT.run("drill", "--every", "6h", "--next-in", "6h")).isEqualTo(ExitCode.USAGE.number());

        assertThat(INCIDENT.printed()).contains("mutually exclusive");
    }

    @Test
    void drillsWithoutAPauseAreRefused() throws IOException {
        assertThat(INCIDENT.run("drill", "--every", "0s", "--config", INCIDENT.configure("restless", "")))
                .isEqualTo(ExitCode.USAGE.number());

        assertThat(INCIDENT.printed()).contains("'0s' is no time between two drills");
    }

    @Test
    void theFirstOfManyDrillsWaitsForSomethingToRestore() throws Exception {
        String config = INCIDENT.configure("new", "");
        Thread drills = new Thread(() -> INCIDENT.run("drill", "--every", "1s", "--no-tail", "--config", config));
        drills.start();
        try {
            Await.until(
                    Duration.ofSeconds(60),
                    () -> INCIDENT.printed().contains("the first drill waits"),
                    "a drill to wait");
            INCIDENT.backUp("new");

            Await.until(Duration.ofSeconds(60), () -> INCIDENT.printed().contains("published "), "the first drill");
            assertThat(INCIDENT.text()).contains("PASS").doesNotContain("FAIL");
        } finally {
            drills.interrupt();
            drills.join();
        }
    }

    @Test
    void aServerThatDoesNotStartEndsOneDrillAndNotAllThatFollow(@TempDir Path directory) throws Exception {
        String config = INCIDENT.configure("unlucky", "");
        INCIDENT.backUp("unlucky");
        Path unlucky = directory.resolve("redis-server");
        Files.writeString(unlucky, """
                #!/bin/sh
                if [ "$1" = --version ] || [ -e '%1$s' ]; then
                    exec '%2$s' "$@"
                fi
                touch '%1$s'
                exit 1
                """.formatted(
                directory.resolve("tried"), RedisServer.find().orElseThrow().path()));
        Files.setPosixFilePermissions(unlucky, PosixFilePermissions.fromString("rwxr-xr-x"));
        Thread drills = new Thread(() -> INCIDENT.run(
                "drill", "--every", "1s", "--redis-server", unlucky.toString(), "--no-tail", "--config", config));
        drills.start();
        try {
            Await.until(Duration.ofSeconds(60), () -> INCIDENT.printed().contains("published "), "the second drill");
            assertThat(directory.resolve("tried")).exists();
        } finally {
            drills.interrupt();
            drills.join();
        }
    }
}
