package dev.tidemark.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.configuration.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** docker-compose.yml as far as it can be judged without an engine: what it shows, what it may do, and which settings it hands on. */
class ComposeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path secrets;

    @Test
    void everyPortIsTheHostsOwnAlone() throws IOException {
        for (JsonNode service : services().values()) {
            service.path("ports").forEach(port -> assertThat(port.asText()).startsWith("127.0.0.1:"));
        }
    }

    @Test
    void ourContainersMayWriteNowhereButInTheirVolumes() throws IOException {
        for (String name : new String[] {"capture-a", "capture-b", "compactor", "drills", "s3", "tidemark"}) {
            JsonNode service = services().get(name);
            assertThat(service.get("read_only").asBoolean()).as(name).isTrue();
            assertThat(service.get("cap_drop").toString()).isEqualTo("[\"ALL\"]");
            assertThat(service.get("security_opt").toString()).contains("no-new-privileges:true");
            assertThat(service.get("mem_limit").asText()).isNotEmpty();
        }
        assertThat(Files.readString(ROOT.resolve("Dockerfile"))).containsPattern("(?m)^USER 10001:10001$");
    }

    @Test
    void whoeverIsWaitedForSaysWhetherItIsHealthy() throws IOException {
        String dockerfile = Files.readString(ROOT.resolve("Dockerfile"));
        for (Map.Entry<String, JsonNode> service : services().entrySet()) {
            boolean isOurs = service.getValue().has("build");
            boolean isDisabled = service.getValue().at("/healthcheck/disable").asBoolean();
            assertThat(
                            isOurs
                                    ? dockerfile.contains("HEALTHCHECK")
                                    : service.getValue().has("healthcheck"))
                    .as(service.getKey())
                    .isTrue();
            service.getValue().path("depends_on").properties().forEach(needed -> assertThat(
                            needed.getValue().get("condition").asText())
                    .isEqualTo("service_healthy"));
            assertThat(isDisabled)
                    .as(service.getKey())
                    .isEqualTo(service.getKey().equals("drills"));
        }
    }

    @Test
    void noSecretStandsInAnEnvironment() throws IOException {
        for (Map.Entry<String, JsonNode> service : services().entrySet()) {
            service.getValue().path("environment").properties().forEach(variable -> assertThat(
                            variable.getKey().matches(".*(PASSWORD|SECRET).*")
                                    && !variable.getKey().endsWith("FILE"))
                    .as(service.getKey() + " " + variable.getKey())
                    .isFalse());
        }
    }

    @Test
    void whatIsMountedFromTheRepositoryIsThere() throws IOException {
        for (JsonNode service : services().values()) {
            for (JsonNode volume : service.path("volumes")) {
                String from = volume.asText().replaceFirst(":.*", "");
                if (from.startsWith("./")) {
                    assertThat(ROOT.resolve(from)).exists();
                    assertThat(volume.asText()).endsWith(":ro");
                }
            }
        }
    }

    @Test
    void theServicesSettingsAreWhole() throws IOException {
        Path file = ROOT.resolve("deploy/compose/tidemark.yml");
        Path secret = Files.writeString(secrets.resolve("secret"), "secret");
        Settings settings = new Configuration(
                        secrets,
                        Map.of(
                                "TIDEMARK_REDIS_PASSWORD_FILE", secret.toString(),
                                "TIDEMARK_S3_SECRET_ACCESS_KEY_FILE", secret.toString()))
                .load(Optional.of(file), Role.CAPTURE);

        String scrapes = Files.readString(ROOT.resolve("deploy/compose/prometheus.yml"));
        assertThat(scrapes)
                .contains("capture-a:" + settings.http().capturePort())
                .contains("compactor:" + settings.http().compactorPort());
    }

    /** With anchors and merges resolved, as Compose does. */
    private static Map<String, JsonNode> services() throws IOException {
        Object document = new Yaml().load(Files.readString(ROOT.resolve("docker-compose.yml")));
        Map<String, JsonNode> services = new TreeMap<>();
        new ObjectMapper()
                .valueToTree(document)
                .get("services")
                .properties()
                .forEach(service -> services.put(service.getKey(), service.getValue()));
        return services;
    }
}
