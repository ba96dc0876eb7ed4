package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an SRE types in an incident to look at what there was, and whether it can be had back. */
class LookCommandsTest {
    private static final String BINARY = "hex:00ff9e";

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
    void showTellsAKeyAsItWas() throws IOException {
        assertThat(incident.run(
                        "show",
                        "chunk:1",
                        "--no-tail",
                        "--at",
                        incident.gapEnds.plusSeconds(50).toString()))
                .as(incident::printed)
                .isZero();

        assertThat(incident.text())
                .contains("db 0  chunk:1 at " + incident.gapEnds.plusSeconds(50))
                .contains("PRESENT    hash, as seen at " + incident.gapEnds + " (hset), never expires")
                .contains("  text            first edition")
                .contains("  text_embedding  3 floats, norm 3.7417, [1.0000, 2.0000, 3.0000]");

        JsonNode later = incident.answer("show", 0, "chunk:1", "--no-tail", "--at", "latest");
        assertThat(later.at("/value/fields/0/value").asText()).isEqualTo("second edition");
        assertThat(later.at("/value/fields/1/floats").asInt()).isEqualTo(3);
        assertThat(incident.answer("show", 0, BINARY, "--no-tail", "--at", "latest")
                        .get("key_base64")
                        .asText())
                .isEqualTo("AP+e");
        assertThat(incident.answer("show", 0, "lost in the gap", "--no-tail", "--at", "latest")
                        .get("absent_because")
                        .asText())
                .isEqualTo("never_seen");
    }

    @Test
    void showNeedsAKeyThatCanBeRead() {
        assertThat(incident.run("show", "hex:0g", "--at", "latest")).isEqualTo(2);

        assertThat(incident.printed()).contains("neither hex nor Base64").doesNotContain("0g");
    }

    @Test
    void historyTellsWhatVanishedInAGap() throws IOException {
        assertThat(incident.run("history", "lost in the gap", "--no-tail"))
                .as(incident::printed)
                .isZero();

        assertThat(incident.text())
                .contains(incident.began + "         string (hset)")
                .contains(incident.gapEnds + "         not found when every key");
        JsonNode entries = incident.answer("history", 0, "chunk:1", "--no-tail").get("entries");
        assertThat(entries).hasSize(3);
        assertThat(entries.get(2).get("kind").asText()).isEqualTo("written");
    }

    @Test
    void diffCountsAndNamesOnlyWhenAsked() throws IOException {
        String from = incident.gapBegins.minusSeconds(1).toString();

        assertThat(incident.run("diff", "--no-tail", "--from", from, "--to", "latest"))
                .as(incident::printed)
                .isZero();
        assertThat(incident.text())
                .contains("added        2 keys")
                .contains("removed      1 keys")
                .doesNotContain("chunk:");

        assertThat(incident.run("diff", "--no-tail", "--from", from, "--to", "latest", "--list", "5"))
                .isZero();
        assertThat(incident.text())
                .contains("changed      db 0  chunk:1")
                .contains("added        db 0  " + BINARY)
                .contains("removed      db 0  lost in the gap");
        assertThat(incident.answer("diff", 0, "--no-tail", "--from", from, "--to", "latest", "--list", "5")
                        .at("/changes/added/keys")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void verifyEndsWithSixAndNamesKeysOnlyWhenAsked() throws IOException {
        try (RedisServer live = RedisServer.start()) {
            String uri = live.uri().toString();
            assertThat(incident.answer("restore", 0, "--no-tail", "--to", "latest", "--into", uri)
                            .get("proven")
                            .asBoolean())
                    .isTrue();
            assertThat(incident.answer("verify", 0, uri, "--no-tail", "--at", "latest")
                            .get("keys_same")
                            .asInt())
                    .isEqualTo(3);

            assertThat(incident.run(
                            "verify",
                            uri,
                            "--no-tail",
                            "--at",
                            incident.gapEnds.plusSeconds(50).toString()))
                    .as(incident::printed)
                    .isEqualTo(6);
            assertThat(incident.text())
                    .contains("DIFFERENT   1 of 2 keys are the same")
                    .contains("1 keys have another value");
            assertThat(incident.printed()).doesNotContain("chunk:1");

            JsonNode listed = incident.answer(
                    "verify",
                    6,
                    uri,
                    "--no-tail",
                    "--list",
                    "1",
                    "--at",
                    incident.gapEnds.plusSeconds(50).toString());
            assertThat(listed.at("/differences/different/listed/0/key").asText())
                    .isEqualTo("chunk:1");
            assertThat(listed.at("/differences/extra/keys").asInt()).isEqualTo(1);
        }
    }

    @Test
    void theOtherAnswersFitTheirSchemasToo() throws IOException {
        incident.answer("points", 0, "--no-tail");
        incident.answer("plan", 0, "--no-tail", "--to", "latest");
        incident.answer("doctor", 8);
    }
}
