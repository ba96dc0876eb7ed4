package dev.tidemark.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerDirectoryTest {
    @Test
    void oneOfOursKeepsOnlyTheLogsInAMavenBuild() throws IOException {
        ServerDirectory directory = ServerDirectory.ofCallerOrFresh(Optional.empty(), "any");
        Path nested = Files.createDirectories(directory.path().resolve("a/b"));
        Path log = Files.writeString(nested.resolve("server.log"), "why it failed");
        Files.writeString(nested.resolve("data"), "much");
        Files.createDirectories(directory.path().resolve("c/d"));

        directory.discard();
        directory.discard();

        assertThat(directory.path().getParent()).endsWithRaw(Path.of("target", "servers"));
        assertThat(log).hasContent("why it failed");
        assertThat(nested.toFile().list()).containsExactly("server.log");
        assertThat(directory.path().toFile().list()).containsExactly("a");
    }

    @Test
    void twoOfOursAreNeverTheSame() {
        ServerDirectory one = ServerDirectory.ofCallerOrFresh(Optional.empty(), "any");
        ServerDirectory other = ServerDirectory.ofCallerOrFresh(Optional.empty(), "any");

        assertThat(one.path()).isNotEqualTo(other.path());
        one.discard();
        other.discard();
        assertThat(one.path()).doesNotExist();
    }

    @Test
    void aKeptOneAndACallersAreLeftAlone(@TempDir Path callers) throws IOException {
        ServerDirectory given = ServerDirectory.ofCallerOrFresh(Optional.of(callers), "any");
        ServerDirectory kept = ServerDirectory.ofCallerOrFresh(Optional.empty(), "any");
        Files.writeString(given.path().resolve("data"), "theirs");
        Files.writeString(kept.path().resolve("data"), "ours");
        kept.keep();

        given.discard();
        kept.discard();

        assertThat(given.path().resolve("data")).exists();
        assertThat(kept.path().resolve("data")).exists();
        ServerDirectory.delete(kept.path(), false);
        assertThat(kept.path()).doesNotExist();
    }
}
