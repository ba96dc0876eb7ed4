package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemark.schemas.errors.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is printed; that it is enough and no more is shown by PolicyRightsTest, on real servers. */
class PolicyCommandTest {
    private static final String KEY = "arn:aws:kms:eu-central-1:123456789012:key/abc";

    @TempDir
    private Path directory;

    private final Terminal terminal = Terminal.in(() -> directory);

    @BeforeEach
    void configure() throws IOException {
        Files.writeString(
                directory.resolve("tidemark.yml"),
                "source: {name: rag, prefixes: ['rag:']}\ns3: {bucket: vault, root: redis}\nkafka: {bootstrap: 'k:9092'}\n");
    }

    @Test
    void nobodyButPruneMayDeleteWhatARestoreReads() throws IOException {
        JsonNode documents = json("--kms-key", KEY).get("s3");

        for (String service : List.of("capture", "compactor", "restorer")) {
            assertThat(documents.get(service).toString()).contains(KEY);
            for (JsonNode statement : documents.get(service).get("Statement")) {
                if (statement.get("Action").toString().contains("Delete")) {
                    assertThat(statement.get("Resource").toString())
                            .isEqualTo("[\"arn:aws:s3:::vault/redis/rag/_baseline-turns/*\"]");
                }
            }
        }
        assertThat(documents.get("prune").toString())
                .contains("s3:DeleteObject")
                .contains("arn:aws:s3:::vault/redis/rag/*");
    }

    @Test
    void aReaderOfTheBucketMayNotEncrypt() throws IOException {
        JsonNode documents = json("--kms-key", KEY).get("s3");

        assertThat(documents.get("capture").toString()).contains("kms:GenerateDataKey");
        assertThat(json().get("s3").toString()).doesNotContain("kms:");
        Path file = directory.resolve("tidemark.yml");
        Files.writeString(
                file,
                Files.readString(file).replace("root: redis}", "root: redis, encryption: {kms-key: '" + KEY + "'}}"));
        assertThat(json().get("s3")).isEqualTo(documents);
    }

    @Test
    void strimzisResourcesNameBothTopicsAndAUserForEachService() throws IOException {
        String yaml = json("--strimzi", "my-cluster").get("strimzi").asText();

        assertThat(terminal.run("policy", "--strimzi", "my-cluster")).isZero();
        for (String resource : yaml.split("(?m)^---$", -1)) {
            assertThat(terminal.out()).contains(resource);
        }
        int topics = 0;
        int users = 0;
        try (MappingIterator<JsonNode> resources =
                new YAMLMapper().readerFor(JsonNode.class).readValues(yaml)) {
            while (resources.hasNext()) {
                JsonNode each = resources.next();
                assertThat(each.at("/metadata/labels/strimzi.io~1cluster").asText())
                        .isEqualTo("my-cluster");
                if (each.get("kind").asText().equals("KafkaTopic")) {
                    topics++;
                    assertThat(each.at("/spec/partitions").asInt()).isEqualTo(8);
                    assertThat(each.at("/spec/config/min.insync.replicas").asText())
                            .isEqualTo("2");
                } else {
                    users++;
                    assertThat(each.at("/spec/authorization/acls")).isNotEmpty();
                }
            }
        }
        assertThat(topics).isEqualTo(2);
        assertThat(users).isEqualTo(3);
    }

    @Test
    void oneServiceCanBeAskedForAlone() throws IOException {
        assertThat(json("--service", "compactor").has("redis")).isFalse();
        assertThat(json("--service", "capture").has("redis")).isTrue();

        assertThat(terminal.run("policy", "--service", "compactor")).isZero();

        assertThat(terminal.out())
                .contains("# S3, for compactor")
                .contains("kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal User:tidemark-rag-compactor")
                .doesNotContain("ACL SETUSER")
                .doesNotContain("for prune");
    }

    @Test
    void aVersionThatIsNoneIsBadUsage() {
        assertThat(terminal.run("policy", "--redis-version", "seven")).isEqualTo(ExitCode.USAGE.number());

        assertThat(terminal.err()).contains("'seven'").contains("like 7.2");
    }

    private JsonNode json(String... options) throws IOException {
        String[] line = new String[options.length + 3];
        System.arraycopy(options, 0, line, 3, options.length);
        line[0] = "policy";
        line[1] = "-o";
        line[2] = "json";
        assertThat(terminal.run(line)).isZero();
        return new ObjectMapper().readTree(terminal.out());
    }
}
