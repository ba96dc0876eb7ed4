package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.servers.RedisServer;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an SRE types in an incident to look at what there was, and whether it can be had back. */
class LookCommandsTest {
    private static final String BINARY = "hex:00ff9e";

    @RegisterExtension
    static final Incident INCIDENT = new Incident();

    @Test
    void showTellsAKeyAsItWas() throws IOException {
        assertThat(INCIDENT.run(
                        "show",
                        "chunk:1",
                        "--no-tail",
                        "--at",
                        INCIDENT.gapEnds.plusSeconds(50).toString()))
                .as(INCIDENT::printed)
                .isZero();

        assertThat(INCIDENT.text())
                .contains("db 0  chunk:1 at " + INCIDENT.gapEnds.plusSeconds(50))
                .contains("PRESENT    hash, as seen at " + INCIDENT.gapEnds + " (hset), never expires")
                .contains("  text            first edition")
                .contains("  text_embedding  3 floats, norm 3.7417, [1.0000, 2.0000, 3.0000]");

        JsonNode later = INCIDENT.answer("show", 0, "chunk:1", "--no-tail", "--at", "latest");
        assertThat(later.at("/value/fields/0/value").asText()).isEqualTo("second edition");
        assertThat(later.at("/value/fields/1/floats").asInt()).isEqualTo(3);
        assertThat(INCIDENT.answer("show", 0, BINARY, "--no-tail", "--at", "latest")
                        .get("key_base64")
                        .asText())
                .isEqualTo("AP+e");
        assertThat(INCIDENT.answer("show", 0, "lost in the gap", "--no-tail", "--at", "latest")
                        .get("absent_because")
                        .asText())
                .isEqualTo("never_seen");
    }

    @Test
    void showNeedsAKeyThatCanBeRead() {
        assertThat(INCIDENT.run("show", "hex:0g", "--at", "latest")).isEqualTo(2);

        assertThat(INCIDENT.printed()).contains("neither hex nor Base64").doesNotContain("0g");
    }

    @Test
    void historyTellsWhatVanishedInAGap() throws IOException {
        assertThat(INCIDENT.run("history", "lost in the gap", "--no-tail"))
                .as(INCIDENT::printed)
                .isZero();

        assertThat(INCIDENT.text())
                .contains(INCIDENT.began + "         string (hset)")
                .contains(INCIDENT.gapEnds + "         not found when every key");
        JsonNode entries = INCIDENT.answer("history", 0, "chunk:1", "--no-tail").get("entries");
        assertThat(entries).hasSize(3);
        assertThat(entries.get(2).get("kind").asText()).isEqualTo("written");
    }

    @Test
    void diffCountsAndNamesOnlyWhenAsked() throws IOException {
        String from = INCIDENT.gapBegins.minusSeconds(1).toString();

        assertThat(INCIDENT.run("diff", "--no-tail", "--from", from, "--to", "latest"))
                .as(INCIDENT::printed)
                .isZero();
        assertThat(INCIDENT.text())
                .contains("added        2 keys")
                .contains("removed      1 keys")
                .doesNotContain("chunk:");

        assertThat(INCIDENT.run("diff", "--no-tail", "--from", from, "--to", "latest", "--list", "5"))
                .isZero();
        assertThat(INCIDENT.text())
                .contains("changed      db 0  chunk:1")
                .contains("added        db 0  " + BINARY)
                .contains("removed      db 0  lost in the gap");
        assertThat(INCIDENT.answer("diff", 0, "--no-tail", "--from", from, "--to", "latest", "--list", "5")
                        .at("/changes/added/keys")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void verifyEndsWithSixAndNamesKeysOnlyWhenAsked() throws IOException {
        try (RedisServer live = RedisServer.start()) {
            String uri = live.uri().toString();
            assertThat(INCIDENT.answer("restore", 0, "--no-tail", "--to", "latest", "--into", uri)
                            .get("proven")
                            .asBoolean())
                    .isTrue();
            assertThat(INCIDENT.answer("verify", 0, uri, "--no-tail", "--at", "latest")
                            .get("keys_same")
                            .asInt())
                    .isEqualTo(3);

            assertThat(INCIDENT.run(
                            "verify",
                            uri,
                            "--no-tail",
                            "--at",
                            INCIDENT.gapEnds.plusSeconds(50).toString()))
                    .as(INCIDENT::printed)
                    .isEqualTo(6);
            assertThat(INCIDENT.text())
                    .contains("DIFFERENT   1 of 2 keys are the same")
                    .contains("1 keys have another value");
            assertThat(INCIDENT.printed()).doesNotContain("chunk:1");

            JsonNode listed = INCIDENT.answer(
                    "verify",
                    6,
                    uri,
                    "--no-tail",
                    "--list",
                    "1",
                    "--at",
                    INCIDENT.gapEnds.plusSeconds(50).toString());
            assertThat(listed.at("/differences/different/listed/0/key").asText())
                    .isEqualTo("chunk:1");
            assertThat(listed.at("/differences/extra/keys").asInt()).isEqualTo(1);
        }
    }

    @Test
    void theOtherAnswersFitTheirSchemasToo() throws IOException {
        INCIDENT.answer("points", 0, "--no-tail");
        INCIDENT.answer("plan", 0, "--no-tail", "--to", "latest");
        INCIDENT.answer("doctor", 8);
    }
}
