package dev.tidemark.standalone.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Secret;
import dev.tidemark.schemas.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A secret that was printed once is one no longer. */
class SecretsTest {
    private static final String HUSH = "hunter2-correct-horse";
    private static final String WHOLE = """
            source: {name: rag}
            redis: {uri: "redis://127.0.0.1:6379", username: tidemark, password: "HUSH"}
            kafka:
              properties:
                sasl.jaas.config: 'PlainLoginModule required password="HUSH";'
                ssl.key.password: HUSH
                sasl.oauthbearer.client.credentials.client.secret: HUSH
                ssl.keystore.key: HUSH
                security.protocol: SASL_SSL
            s3: {bucket: my-backups, access-key-id: AKIAEXAMPLE, secret-access-key: HUSH}
            """.replace("HUSH", HUSH);

    @TempDir
    private Path directory;

    @Test
    void areReadButNeverPrinted() throws IOException {
        Settings settings = load(WHOLE, Map.of());

        assertThat(settings.redis().password()).contains(Secret.of(HUSH));
        assertThat(settings.s3().secretAccessKey()).contains(Secret.of(HUSH));
        assertThat(settings.kafka().properties().reveal()).containsEntry("ssl.key.password", HUSH);
        assertThat(settings.toString())
                .doesNotContain(HUSH)
                .contains("(secret)")
                .contains("SASL_SSL")
                .contains("AKIAEXAMPLE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis: {password: [HUSH]}",
                "redis: {password: {is: HUSH}}",
                "redis: {password: HUSH, password-file: also.txt}",
                "redis: {uri: 'redis://:HUSH@127.0.0.1:6379'}",
                "redis: {uri: 'redis://:HUSH^@127.0.0.1:6379'}",
                "redis: {uri: 'HUSH:HUSH@127.0.0.1:6379'}",
                "s3: {secret-access-key: HUSH}",
                "s3: {endpoint: 'https://u:HUSH@s3.internal'}",
                "s3: {endpoint: 'https://u:HUSH@s3 internal'}",
                "kafka: {bootstrap: 'user:HUSH@broker:9092'}",
                "kafka: {properties: {ssl.key.password: [HUSH]}}",
                "kafka: {properties: {ssl.key.password: HUSH, ssl.key.password-file: also.txt}}",
                "kafka: {properties: 'password=HUSH'}",
                "redis:\n  password: 'HUSH\n",
                "redis:\n  password: HUSH\n  password: HUSH\n",
                "redis:\n  password: HUSH: HUSH\n",
                "redis:\n   password: HUSH\n  uri: x\n",
                "HUSH",
                "[HUSH]",
                "redis: HUSH",
            })
    void doNotStandInAMessage(String yaml) {
        Throwable refusal = catchThrowable(() -> load(yaml.replace("HUSH", HUSH), Map.of()));

        assertThat(refusal).isNotNull();
        assertThat(refusal.getMessage()).doesNotContain(HUSH).isNotBlank();
        assertThat(refusal.getCause())
                .as("a cause would be printed with its own words")
                .isNull();
    }

    @Test
    void ofTheEnvironmentDoNotStandInAMessage() {
        Map<String, String> environment = Map.of(
                "TIDEMARK_REDIS_PASSWRD", HUSH,
                "TIDEMARK_REDIS_URI", "redis://:" + HUSH + "@127.0.0.1:6379",
                "TIDEMARK_S3_SECRET_ACCESS_KEY", HUSH);

        Throwable refusal = catchThrowable(() -> load("", environment));

        assertThat(refusal)
                .hasMessageContaining("TIDEMARK_REDIS_PASSWRD overrides no key; the nearest is TIDEMARK_REDIS_PASSWORD")
                .hasMessageContaining("s3.access-key-id is missing");
        assertThat(refusal.getMessage()).doesNotContain(HUSH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void ofAFileLoseItsLineEnd(String lineEnd) throws IOException {
        Files.writeString(directory.resolve("secret.txt"), HUSH + lineEnd);

        Settings settings = load(
                """
                source: {name: rag}
                redis: {uri: "redis://127.0.0.1:6379", password-file: secret.txt}
                kafka: {properties: {sasl.jaas.config-file: secret.txt}}
                s3: {bucket: my-backups, access-key-id: AKIAEXAMPLE, secret-access-key-file: secret.txt}
                """,
                Map.of(
                        "TIDEMARK_KAFKA_PROPERTIES_SSL_KEY_PASSWORD_FILE",
                        directory.resolve("secret.txt").toString()));

        assertThat(settings.redis().password()).contains(Secret.of(HUSH));
        assertThat(settings.s3().secretAccessKey()).contains(Secret.of(HUSH));
        assertThat(settings.kafka().properties().reveal())
                .isEqualTo(Map.of("sasl.jaas.config", HUSH, "ssl.key.password", HUSH));
        assertThat(settings.toString()).doesNotContain(HUSH);
    }

    @Test
    void keepTheSpacesThatAreTheirs() throws IOException {
        Files.writeString(directory.resolve("secret.txt"), " a b \n\n");

        Settings settings = load(WHOLE.replace("password: \"" + HUSH + "\"", "password-file: secret.txt"), Map.of());

        assertThat(settings.redis().password()).contains(Secret.of(" a b \n"));
    }

    @Test
    void ofTheEnvironmentReplaceAFileNamedInTheFile() throws IOException {
        Settings settings = load(
                WHOLE.replace("password: \"" + HUSH + "\"", "password-file: not-here.txt"),
                Map.of("TIDEMARK_REDIS_PASSWORD", "other"));

        assertThat(settings.redis().password()).contains(Secret.of("other"));
    }

    @Test
    void ofAFileThatIsNotThereAreAProblemOfThatKeyAlone() throws IOException {
        Files.writeString(directory.resolve("empty.txt"), "\n");

        Throwable refusal = catchThrowable(() -> load("""
                source: {name: rag}
                redis: {uri: "redis://127.0.0.1:6379", username: tidemark, password-file: absent.txt}
                s3: {bucket: my-backups, access-key-id: AKIAEXAMPLE, secret-access-key-file: empty.txt}
                """, Map.of()));

        assertThat(refusal.getMessage().lines().skip(1).map(String::strip))
                .containsExactly(
                        "redis.password-file names " + directory.resolve("absent.txt") + ", which cannot be read",
                        "s3.secret-access-key-file names " + directory.resolve("empty.txt") + ", which is empty");
    }

    @Test
    void thatYamlWouldReadAsANumberAreRefused() {
        Throwable refusal = catchThrowable(() -> load(WHOLE.replace("\"" + HUSH + "\"", "0123"), Map.of()));

        assertThat(refusal)
                .hasMessageContaining(
                        "redis.password takes text, and YAML reads this as something else; put it in quotes");
        // The directory's name is random digits.
        assertThat(refusal.getMessage().replace(directory.toString(), "")).doesNotContain("123");
    }

    private Settings load(String yaml, Map<String, String> environment) throws IOException {
        Files.writeString(directory.resolve("tidemark.yml"), yaml);
        return new Configuration(directory, environment).load(Optional.empty(), Role.CAPTURE);
    }
}
