package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.servers.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What status tells at a glance: whether all is protected, since when not, and what to type next. */
class StatusCommandTest {
    private static final Duration GONE_MAX = Duration.ofSeconds(10);

    private static Incident incident;

    @BeforeAll
    static void backUp(@TempDir Path directory) throws IOException {
        incident = Incident.in(directory);
    }

    @AfterAll
    static void stop() {
        incident.close();
    }

    @Test
    void statusTellsWithinSecondsThatAllIsWellThoughKafkaAndTheSourceAreGone() throws IOException {
        long beganNanos = System.nanoTime();

        assertThat(incident.run("status", "--config", incident.configureBackedUp("calm", "restorer: {rpo-target: 1h}")))
                .as(incident::printed)
                .isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - beganNanos)).isLessThan(GONE_MAX);
        assertThat(incident.text())
                .contains("calm   PROTECTED   RPO now ")
                .contains("(target 3600 s)   no drill yet")
                .contains("restorable " + incident.gapEnds + " .. " + incident.last + ", exact within 1.1 s")
                .contains(incident.gapBegins + " .. " + incident.gapEnds + "   failover (10.0.0.7:6379)")
                .contains("NO TAIL    this ends at S3: Kafka at 127.0.0.1:1 ")
                .contains("next:      tidemark plan --to ");
    }

    @Test
    void statusIsDegradedWhenMoreWouldBeLostThanIsAllowedAndAGapIsOpen() throws IOException {
        String config = incident.configureBackedUp("troubled", "restorer: {rpo-target: 1s}");
        try (Archive archive = Archive.open(incident.settings, "troubled")) {
            archive.gaps()
                    .explain(new Gap(
                            new GapKey(RedisTime.micros(incident.last) + 1, 0, 1, 11),
                            "10.0.0.8:6379",
                            "run id changed",
                            OptionalLong.empty()));
        }
        Await.until(GONE_MAX, () -> Instant.now().isAfter(incident.last.plusSeconds(2)), "the target to be missed");

        assertThat(incident.run("status", "--no-tail", "--config", config)).isEqualTo(8);

        assertThat(incident.text())
                .contains("troubled   DEGRADED ")
                .contains("PROBLEM    nothing is protected since " + incident.last + ": run id changed (10.0.0.8:6379)")
                .contains("would be lost now, and the target is 1 s");
        assertThat(incident.answer("status", 8, "--no-tail", "--config", config).get("problems"))
                .hasSize(2);
    }

    @Test
    void statusOfNothingIsDegraded() throws IOException {
        String config = incident.configure("empty", "");

        assertThat(incident.run("status", "--no-tail", "--config", config)).isEqualTo(8);

        assertThat(incident.text())
                .contains("empty   DEGRADED   RPO now none")
                .contains("PROBLEM    nothing can be restored")
                .contains("next:      tidemark doctor");
    }
}
