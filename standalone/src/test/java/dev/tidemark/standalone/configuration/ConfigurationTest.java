package dev.tidemark.standalone.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Checksums;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    private static final String LEAST = """
            source:
              name: rag
            redis:
              uri: redis://127.0.0.1:6379
            s3:
              bucket: my-backups
            """;

    @TempDir
    private Path directory;

    @Test
    void whatIsNotWrittenKeepsItsDefault() throws IOException {
        Settings settings = load(LEAST, Map.of());

        assertThat(settings.source().name()).isEqualTo("rag");
        assertThat(settings.redis().uri()).contains(URI.create("redis://127.0.0.1:6379"));
        assertThat(settings.capture()).isEqualTo(Settings.defaults().capture());
        assertThat(settings.kafka()).isEqualTo(Settings.defaults().kafka());
    }

    @Test
    void readsEveryKindOfValue() throws IOException {
        Settings settings = load("""
                source: {name: rag, shards: 2, prefixes: ["chunk:", "doc:"], databases: [0, 3]}
                redis: {uri: "rediss://redis.internal:6380", connect-timeout: 500ms}
                kafka:
                  single-copy: true
                  retention: 7d
                  properties:
                    security.protocol: SASL_SSL
                    request.timeout.ms: 1000
                s3: {bucket: my-backups, checksums: when-required, deadline: 2m}
                capture: {open-bytes-max: 1GiB, inline-bytes-max: 1048576, spool-dir: spool}
                restorer: {keys-in-memory-max: 5_000}
                compactor: {state-dir: state}
                """, Map.of());

        assertThat(settings.source().shards()).isEqualTo(2);
        assertThat(settings.source().prefixes()).containsExactly("chunk:", "doc:");
        assertThat(settings.source().databases()).containsExactly(0, 3);
        assertThat(settings.redis().connectTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.kafka().singleCopy()).isTrue();
        assertThat(settings.kafka().retention()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.kafka().properties().reveal())
                .isEqualTo(Map.of("security.protocol", "SASL_SSL", "request.timeout.ms", "1000"));
        assertThat(settings.s3().checksums()).isEqualTo(Checksums.WHEN_REQUIRED);
        assertThat(settings.s3().deadline()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.capture().openBytesMax()).isEqualTo(1L << 30);
        assertThat(settings.capture().inlineBytesMax()).isEqualTo(1L << 20);
        assertThat(settings.capture().spoolDir()).isEqualTo(directory.resolve("spool"));
        assertThat(settings.restorer().keysInMemoryMax()).isEqualTo(5_000);
        assertThat(settings.compactor().stateDir()).isEqualTo(directory.resolve("state"));
    }

    @Test
    void reportsEveryProblemAtOnceWithTheFullNameOfItsKey() {
        List<String> problems = problemsOf("""
                source:
                  shards: 65
                  prefixes: [chunk, "chunk:1"]
                  databases: 0
                redis:
                  connect-timeout: 5
                  ca-file: no-such-file.pem
                kafka:
                  single-copy: yes please
                  topics_create: true
                  properties:
                    acks: "0"
                s3:
                  buckt: my-backups
                  checksums: never
                  attempts: 99999999999
                capture: 5
                compactor:
                  segment-bytes-max: 64MB
                storage: {}
                """, Map.of("TIDEMARK_S3_REGON", "eu-west-1"), Role.CAPTURE);

        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "source.databases takes a list; for example [a, b]",
                        "redis.connect-timeout is '5'; it takes a time in ms, s, m, h or d, for example 30s",
                        "redis.ca-file names " + directory.resolve("no-such-file.pem") + ", which cannot be read",
                        "kafka.topics_create is unknown; the nearest known key is kafka.topics-create",
                        "kafka.single-copy is 'yes please'; it takes true or false",
                        "s3.buckt is unknown; the nearest known key is s3.bucket",
                        "s3.checksums is 'never'; it takes when-supported or when-required",
                        "s3.attempts is 99999999999; it may be -2147483648 to 2147483647",
                        "capture takes keys below it, not a single value",
                        "compactor.segment-bytes-max is '64MB'; it takes a size in B, KiB, MiB or GiB, for example 64MiB",
                        "storage is unknown; the nearest known key is source",
                        "TIDEMARK_S3_REGON overrides no key; the nearest is TIDEMARK_S3_REGION",
                        "source.name is missing; for example prod-rag",
                        "source.shards is 65; it may be 1 to 64",
                        "source.prefixes overlap: 'chunk' and 'chunk:1'; keep the shorter one",
                        "redis.uri is missing; for example redis://127.0.0.1:6379",
                        "kafka.properties.acks is set by Tidemark itself; remove it",
                        "s3.bucket is missing; for example my-backups");
    }

    @Test
    void aKeyInTheWrongSectionIsTracedToItsOwn() {
        assertThat(problemsOf(LEAST + "kafka: {path-style: true}\n", Map.of(), Role.CAPTURE))
                .containsExactly("kafka.path-style is unknown; the nearest known key is s3.path-style");
        assertThat(problemsOf(LEAST + "compacter: {cut-age: 5s}\n", Map.of(), Role.CAPTURE))
                .containsExactly("compacter is unknown; the nearest known key is compactor");
    }

    @Test
    void theEnvironmentWinsOverTheFile() throws IOException {
        Settings settings = load(
                LEAST,
                Map.of(
                        "TIDEMARK_S3_BUCKET", "other-backups",
                        "TIDEMARK_SOURCE_PREFIXES", "chunk:,doc:",
                        "TIDEMARK_SOURCE_DATABASES", "0,1",
                        "TIDEMARK_COMPACTOR_CUT_AGE", "5s",
                        "TIDEMARK_KAFKA_PROPERTIES_SECURITY_PROTOCOL", "SSL",
                        "HOME", "/root"));

        assertThat(settings.s3().bucket()).isEqualTo("other-backups");
        assertThat(settings.source().prefixes()).containsExactly("chunk:", "doc:");
        assertThat(settings.source().databases()).containsExactly(0, 1);
        assertThat(settings.compactor().cutAge()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.kafka().properties().reveal()).isEqualTo(Map.of("security.protocol", "SSL"));
    }

    @Test
    void theEnvironmentAloneIsEnough() {
        Map<String, String> environment = Map.of(
                "TIDEMARK_SOURCE_NAME", "rag",
                "TIDEMARK_REDIS_URI", "redis://127.0.0.1:6379",
                "TIDEMARK_SOURCE_PREFIXES", "",
                "TIDEMARK_S3_BUCKET", "my-backups");

        Settings settings = new Configuration(directory, environment).load(Optional.empty(), Role.CAPTURE);

        assertThat(settings.source().name()).isEqualTo("rag");
        assertThat(settings.source().prefixes()).containsExactly("");
    }

    @Test
    void aProblemFromTheEnvironmentNamesItsVariable() {
        assertThat(problemsOf(LEAST, Map.of("TIDEMARK_S3_DEADLINE", "soon"), Role.CAPTURE))
                .containsExactly("s3.deadline (from TIDEMARK_S3_DEADLINE) is 'soon';"
                        + " it takes a time in ms, s, m, h or d, for example 30s");
    }

    @Test
    void variablesThatKubernetesAddsAreNoProblem() throws IOException {
        Settings settings = load(
                LEAST,
                Map.of(
                        "TIDEMARK_SERVICE_HOST", "10.0.0.1",
                        "TIDEMARK_PORT", "tcp://10.0.0.1:80",
                        "TIDEMARK_HTTP_CAPTURE_PORT", "tcp://10.0.0.1:80",
                        "TIDEMARK_CAPTURE_SERVICE_PORT_METRICS", "9090",
                        "TIDEMARK_CAPTURE_PORT_9090_TCP_ADDR", "10.0.0.1"));

        assertThat(settings.s3().bucket()).isEqualTo("my-backups");
    }

    @Test
    void aPortOfOursIsNotTakenForOneOfThem() throws IOException {
        Settings settings =
                load(LEAST, Map.of("TIDEMARK_HTTP_CAPTURE_PORT", "19464", "TIDEMARK_HTTP_COMPACTOR_PORT", "19465"));

        assertThat(settings.http().capturePort()).isEqualTo(19_464);
        assertThat(settings.http().compactorPort()).isEqualTo(19_465);
    }

    @Test
    void onlyCaptureNeedsRedis() {
        String withoutRedis = LEAST.replace("  uri: redis://127.0.0.1:6379\n", "");

        assertThat(problemsOf(withoutRedis, Map.of(), Role.CAPTURE))
                .containsExactly("redis.uri is missing; for example redis://127.0.0.1:6379");
        assertThat(problemsOf(withoutRedis, Map.of(), Role.COMPACTOR)).isEmpty();
        assertThat(problemsOf(withoutRedis, Map.of(), Role.RESTORER)).isEmpty();
    }

    @Test
    void aFileThatWasNamedMustBeThere() {
        Configuration configuration =
                new Configuration(directory, Map.of("TIDEMARK_CONFIG", "absent.yml", "TIDEMARK_SOURCE_NAME", "rag"));

        assertThatThrownBy(() -> configuration.load(Optional.empty(), Role.RESTORER))
                .isInstanceOf(TidemarkError.class)
                .hasMessage(directory.resolve("absent.yml")
                        + " is not there; copy tidemark.example.yml and adapt it; nothing was started");
    }

    @Test
    void whereNothingIsSetTheMissingFileIsNamedToo() {
        TidemarkError error = catchThrowableOfType(TidemarkError.class, () -> new Configuration(directory, Map.of())
                .load(Optional.empty(), Role.RESTORER));

        assertThat(error.code()).isEqualTo(ExitCode.USAGE);
        assertThat(error)
                .hasMessageContaining("source.name is missing")
                .hasMessageContaining("s3.bucket is missing")
                .hasMessageEndingWith(
                        "There is no " + directory.resolve("tidemark.yml") + "; name another with --config FILE");
    }

    private Settings load(String yaml, Map<String, String> environment) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), yaml);
        return new Configuration(directory, environment).load(Optional.empty(), Role.CAPTURE);
    }

    /** The lines between the first, which counts them, and the end. */
    private List<String> problemsOf(String yaml, Map<String, String> environment, Role role) {
        try {
            Files.writeString(directory.resolve("tidemark.yml"), yaml);
            new Configuration(directory, environment).load(Optional.empty(), role);
            return List.of();
        } catch (TidemarkError error) {
            List<String> lines = error.getMessage().lines().map(String::strip).toList();
            assertThat(error.code()).isEqualTo(ExitCode.USAGE);
            assertThat(lines.get(0)).startsWith(Integer.toString(lines.size() - 1));
            return lines.subList(1, lines.size());
        } catch (IOException unwritable) {
            throw new AssertionError(unwritable);
        }
    }
}
