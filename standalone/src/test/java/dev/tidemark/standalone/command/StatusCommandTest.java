package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.archive.Archive;
import dev.tidemark.schemas.RedisTime;
import dev.tidemark.schemas.layout.ArchiveKey.GapKey;
import dev.tidemark.schemas.layout.Gap;
import dev.tidemark.servers.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What status tells at a glance: whether all is protected, since when not, and what to type next. */
class StatusCommandTest {
    private static final Duration GONE_MAX = Duration.ofSeconds(30);

    @RegisterExtension
    static final Incident INCIDENT = new Incident();

    @Test
    void statusTellsWithinSecondsThatAllIsWellThoughKafkaAndTheSourceAreGone() throws IOException {
        long beganNanos = System.nanoTime();

        assertThat(INCIDENT.run("status", "--config", INCIDENT.configureBackedUp("calm", "restorer: {rpo-target: 1h}")))
                .as(INCIDENT::printed)
                .isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - beganNanos)).isLessThan(GONE_MAX);
        assertThat(INCIDENT.text())
                .contains("calm   PROTECTED   RPO now ")
                .contains("(target 3600 s)   no drill yet")
                .contains("restorable " + INCIDENT.gapEnds + " .. " + INCIDENT.last + ", exact within 1.1 s")
                .contains(INCIDENT.gapBegins + " .. " + INCIDENT.gapEnds + "   failover (10.0.0.7:6379)")
                .contains("NO TAIL    this ends at S3: Kafka at 127.0.0.1:1 ")
                .contains("next:      tidemark plan --to ");
    }

    @Test
    void statusIsDegradedWhenMoreWouldBeLostThanIsAllowedAndAGapIsOpen() throws IOException {
        String config = INCIDENT.configureBackedUp("troubled", "restorer: {rpo-target: 1s}");
        try (Archive archive = Archive.open(INCIDENT.settings, "troubled")) {
            archive.gaps()
                    .explain(new Gap(
                            new GapKey(RedisTime.micros(INCIDENT.last) + 1, 0, 1, 11),
                            "10.0.0.8:6379",
                            "run id changed",
                            OptionalLong.empty()));
        }
        Await.until(GONE_MAX, () -> Instant.now().isAfter(INCIDENT.last.plusSeconds(2)), "the target to be missed");

        assertThat(INCIDENT.run("status", "--no-tail", "--config", config)).isEqualTo(8);

        assertThat(INCIDENT.text())
                .contains("troubled   DEGRADED ")
                .contains("PROBLEM    nothing is protected since " + INCIDENT.last + ": run id changed (10.0.0.8:6379)")
                .contains("would be lost now, and the target is 1 s");
        assertThat(INCIDENT.answer("status", 8, "--no-tail", "--config", config).get("problems"))
                .hasSize(2);
    }

    @Test
    void statusSaysWhatAJournalDoesNotSee() throws IOException {
        String keys = INCIDENT.configureBackedUp("watched", "restorer: {rpo-target: 1h}");
        Path journal = Path.of(INCIDENT.configureBackedUp("journaled", "restorer: {rpo-target: 1h}"));
        Files.writeString(
                journal,
                Files.readString(journal)
                        .replace("shards: 1", "shards: 1, kind: journal, journal: {streams: [j], writers: [app]}"));

        assertThat(INCIDENT.run("status", "--no-tail", "--config", journal.toString()))
                .as(INCIDENT::printed)
                .isZero();
        assertThat(INCIDENT.text()).contains("NOT SEEN   a key that a writer changes and does not name in the journal");
        assertThat(INCIDENT.answer("status", 0, "--no-tail", "--config", journal.toString())
                        .get("not_seen"))
                .hasSize(1);
        assertThat(INCIDENT.answer("status", 0, "--no-tail", "--config", keys).get("not_seen"))
                .isEmpty();
    }

    @Test
    void statusOfNothingIsDegraded() throws IOException {
        String config = INCIDENT.configure("empty", "");

        assertThat(INCIDENT.run("status", "--no-tail", "--config", config)).isEqualTo(8);

        assertThat(INCIDENT.text())
                .contains("empty   DEGRADED   RPO now none")
                .contains("PROBLEM    nothing can be restored")
                .contains("next:      tidemark doctor");
    }
}
