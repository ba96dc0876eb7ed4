package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.servers.S3Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command makes of its options; baselines themselves are taken in the end-to-end tests. */
class BaselineCommandTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void optionsThatDoNotGoTogetherAreRefused() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            configure(s3, "");

            assertThat(run("baseline", "--path", "dump.rdb")).isEqualTo(2);
            assertThat(said()).contains("--path is for --mode file");
            assertThat(run("baseline", "--mode", "import")).isEqualTo(2);
            assertThat(said()).contains("--mode import needs --path");
        }
    }

    @Test
    void aRedisThatIsAwayIsSaidAndNothingIsWritten() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            configure(s3, "");

            assertThat(run("baseline")).isEqualTo(7);
            assertThat(said()).contains("127.0.0.1:1").contains("Nothing was written");
        }
    }

    @Test
    void aClusterHasNoSingleFile() throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start()) {
            configure(s3, ", cluster: true");

            assertThat(run("baseline", "--mode", "file")).isEqualTo(2);
            assertThat(said()).contains("--mode replication");
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

    private int run(String... arguments) {
        err.reset();
        PrintStream said = new PrintStream(err, true, StandardCharsets.UTF_8);
        return TidemarkCommand.run(
                new Invocation(said, said, Map.of(), directory, Clock.system(ZoneOffset.UTC)), arguments);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
