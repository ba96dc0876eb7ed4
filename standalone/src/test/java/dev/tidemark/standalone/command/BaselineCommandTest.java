package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.S3Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command makes of its options; baselines themselves are taken in the end-to-end tests. */
class BaselineCommandTest {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);

    @Test
    void optionsThatDoNotGoTogetherAreRefused() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            configure(s3, "");

            assertThat(terminal.run("baseline", "--path", "dump.rdb")).isEqualTo(2);
            assertThat(terminal.printed()).contains("--path is for --mode file");
            assertThat(terminal.run("baseline", "--mode", "import")).isEqualTo(2);
            assertThat(terminal.printed()).contains("--mode import needs --path");
        }
    }

    @Test
    void aRedisThatIsAwayIsSaidAndNothingIsWritten() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            configure(s3, "");

            assertThat(terminal.run("baseline")).isEqualTo(7);
            assertThat(terminal.printed()).contains("127.0.0.1:1").contains("Nothing was written");
        }
    }

    @Test
    void aClusterHasNoSingleFile() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            configure(s3, ", cluster: true");

            assertThat(terminal.run("baseline", "--mode", "file")).isEqualTo(2);
            assertThat(terminal.printed()).contains("--mode replication");
        }
    }

    private void configure(S3Endpoint s3, String redis) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), """
                source: {name: prod-rag, shards: 1}
                redis: {uri: "redis://127.0.0.1:1"%s}
                kafka: {bootstrap: "127.0.0.1:1"}
                s3:
                  bucket: %s
                  endpoint: %s
                  path-style: true
                  access-key-id: %s
                  secret-access-key: %s
                """.formatted(
                        redis, s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey()));
    }
}
