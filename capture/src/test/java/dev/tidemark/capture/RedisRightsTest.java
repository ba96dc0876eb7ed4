package dev.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.schemas.settings.JournalSettings;
import dev.tidemark.schemas.settings.SourceSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the page for users says is what the code asks for. */
class RedisRightsTest {
    private static final Path PAGE = Path.of("../docs/redis-rights.md");

    @Test
    void thePageHasTheLineForOnePrefixAndTheOneForEveryKey() throws IOException {
        assertThat(Files.readString(PAGE))
                .contains("\n" + rights("rag:", 70_000, false, false).setUser("tidemark") + "\n")
                .contains("\n" + rights("", 70_000, false, false).setUser("tidemark") + "\n");
    }

    @Test
    void thePageSaysWhatEachCommandIsFor() throws IOException {
        String table = rights("", 80_000, true, true).commands().stream()
                .map(right -> "| `%s` | %s |".formatted(right.rule().replace("|", "\\|"), right.why()))
                .collect(Collectors.joining("\n"));

        assertThat(Files.readString(PAGE)).contains(table);
    }

    @Test
    void thePageHasTheLineForAJournalAndSaysWhatItsCommandsAreFor() throws IOException {
        SourceSettings source = new SourceSettings("test", 1, List.of("rag:"), List.of(0))
                .journaledIn(new JournalSettings(List.of("chunks-journal"), List.of("app"), false));
        RedisRights rights = new RedisRights(new CapturedKeys(source), 70_000, false, false);
        List<String> usual = rights("rag:", 70_000, false, false).commands().stream()
                .map(RedisRight::rule)
                .toList();

        assertThat(Files.readString(PAGE))
                .contains("\n" + rights.setUser("tidemark") + "\n")
                .contains(rights.commands().stream()
                        .filter(right -> !usual.contains(right.rule()))
                        .map(right -> "| `%s` | %s |".formatted(right.rule().replace("|", "\\|"), right.why()))
                        .collect(Collectors.joining("\n")));
    }

    @Test
    void beforeVersionSevenARightToReadAloneCannotBeGiven() {
        assertThat(rights("rag:", 60_211, false, false).setUser("u"))
                .contains(" ~rag:* ")
                .doesNotContain("%R~", "pexpiretime", "function|dump", "client|setinfo");
    }

    private static RedisRights rights(String prefix, int version, boolean cluster, boolean search) {
        SourceSettings source = new SourceSettings("test", 1, List.of(prefix), List.of(0));
        return new RedisRights(new CapturedKeys(source), version, cluster, search);
    }
}
