package dev.tidemark.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.configuration.Configuration;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** deploy/kubernetes against Kubernetes' schema, the restricted Pod Security standard, and our own settings. */
class KubernetesTest {
    private static final Path DIRECTORY =
            Path.of("..", "deploy", "kubernetes").toAbsolutePath().normalize();

    private interface Schema {
        void validate(JsonElement json) throws IOException;
    }

    /** Reads a whole value, as the schema demands: an unknown field, or a wrong type, is an error. */
    private static final Map<String, Schema> SCHEMAS = Map.of(
            "Namespace", V1Namespace::validateJsonElement,
            "ServiceAccount", V1ServiceAccount::validateJsonElement,
            "Secret", V1Secret::validateJsonElement,
            "Deployment", V1Deployment::validateJsonElement,
            "PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
            "NetworkPolicy", V1NetworkPolicy::validateJsonElement,
            "CronJob", V1CronJob::validateJsonElement);

    @Test
    void everyObjectIsAsTheSchemaSays() throws IOException {
        for (JsonNode object : objects()) {
            String kind = object.get("kind").asText();
            assertThat(SCHEMAS).as("a kind without a schema here").containsKey(kind);
            SCHEMAS.get(kind).validate(JsonParser.parseString(object.toString()));
        }
    }

    @Test
    void theSchemaFindsAFieldThatIsSpeltWrongly() throws IOException {
        JsonNode deployment = objects().stream()
                .filter(object -> object.get("kind").asText().equals("Deployment"))
                .findFirst()
                .orElseThrow();
        String wrong = deployment.toString().replace("readinessProbe", "readynessProbe");

        assertThatThrownBy(() -> V1Deployment.validateJsonElement(JsonParser.parseString(wrong)))
                .hasMessageContaining("readynessProbe");
    }

    @Test
    void everyPodIsRestrictedHasBoundsAndMayBeProbed() throws IOException {
        List<JsonNode> pods = pods();

        assertThat(pods).hasSizeGreaterThanOrEqualTo(2);
        for (JsonNode pod : pods) {
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
            assertThat(pod.get("automountServiceAccountToken").asBoolean()).isFalse();
            for (JsonNode volume : pod.get("volumes")) {
                assertThat(volume.has("hostPath")).isFalse();
            }
            for (JsonNode container : pod.get("containers")) {
                assertThat(container
                                .at("/securityContext/allowPrivilegeEscalation")
                                .asBoolean(true))
                        .isFalse();
                assertThat(container
                                .at("/securityContext/readOnlyRootFilesystem")
                                .asBoolean())
                        .isTrue();
                assertThat(container.at("/securityContext/capabilities/drop").toString())
                        .isEqualTo("[\"ALL\"]");
                assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
            }
        }
    }

    @Test
    void probesAskTheServicesOwnDoor() throws IOException {
        Settings settings = settings();
        Map<String, Integer> ports = Map.of(
                "capture",
                settings.http().capturePort(),
                "compact",
                settings.http().compactorPort());
        for (JsonNode pod : pods()) {
            JsonNode container = pod.at("/containers/0");
            Integer port = ports.get(container.at("/args/0").asText());
            if (port != null) {
                assertThat(container.at("/ports/0/containerPort").asInt()).isEqualTo(port);
                assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/healthz");
                assertThat(container.at("/readinessProbe/httpGet/path").asText())
                        .isEqualTo("/readyz");
            }
        }
        assertThat(settings.http().bind()).isEqualTo("0.0.0.0");
    }

    /** With an environment that names the Secret's file in place of the pod's own path. */
    private static Settings settings() throws IOException {
        Path secret = Files.createTempFile("tidemark-redis-password", "");
        try {
            Files.writeString(secret, "secret");
            return new Configuration(DIRECTORY, Map.of("TIDEMARK_REDIS_PASSWORD_FILE", secret.toString()))
                    .load(Optional.of(DIRECTORY.resolve("tidemark.yml")), Role.CAPTURE);
        } finally {
            Files.delete(secret);
        }
    }

    private static List<JsonNode> pods() throws IOException {
        List<JsonNode> pods = new ArrayList<>();
        for (JsonNode object : objects()) {
            Stream.of("/spec/template/spec", "/spec/jobTemplate/spec/template/spec")
                    .map(object::at)
                    .filter(found -> !found.isMissingNode())
                    .forEach(pods::add);
        }
        return pods;
    }

    /** All that kustomization.yaml names, and the example of a Secret. */
    private static List<JsonNode> objects() throws IOException {
        YAMLMapper mapper = new YAMLMapper();
        List<JsonNode> objects = new ArrayList<>();
        List<String> files = new ArrayList<>(List.of("secret.example.yaml"));
        mapper.readTree(DIRECTORY.resolve("kustomization.yaml").toFile())
                .get("resources")
                .forEach(file -> files.add(file.asText()));
        Map<String, String> seen = new HashMap<>();
        for (String file : files) {
            mapper.readerFor(JsonNode.class)
                    .<JsonNode>readValues(DIRECTORY.resolve(file).toFile())
                    .forEachRemaining(object -> {
                        assertThat(seen.put(object.get("kind") + "/" + object.at("/metadata/name"), file))
                                .isNull();
                        objects.add(object);
                    });
        }
        return objects;
    }
}
