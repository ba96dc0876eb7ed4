package dev.tidemark.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.command.Terminal;
import dev.tidemark.standalone.configuration.Configuration;
import dev.tidemark.standalone.policy.Service;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** deploy/kubernetes against Kubernetes' schema, the restricted Pod Security standard, and our own settings. */
class KubernetesTest {
    private static final Path DIRECTORY =
            Path.of("..", "deploy", "kubernetes").toAbsolutePath().normalize();

    /** kustomization.yaml does not name them. */
    private static final List<String> BY_HAND = List.of("secret.example.yaml", "restore.example.yaml");

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
            "CronJob", V1CronJob::validateJsonElement,
            "Job", V1Job::validateJsonElement);

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

    @Test
    void everyPodRunsACommandOfThisBuild() throws IOException {
        List<String> commands = pods().stream()
                .map(pod -> pod.at("/containers/0/args/0")
                        .asText()
                        .replaceFirst("(?s)^.*tidemark\\.jar ([a-z]+) .*$", "$1"))
                .toList();

        assertThat(commands).contains("capture", "compact", "drill", "baseline", "prune", "restore");
        Terminal terminal = Terminal.in(DIRECTORY);
        for (String command : commands) {
            assertThat(terminal.run(command, "--help")).isZero();
            assertThat(terminal.printed()).contains("tidemark " + command);
        }
    }

    @Test
    void aDrillSaysWhenTheNextOneIsDue() throws IOException {
        JsonNode drill = named("drill");

        assertThat(drill.at("/spec/schedule").asText()).isEqualTo("17 */6 * * *");
        assertThat(drill.at("/spec/jobTemplate/spec/template/spec/containers/0/args"))
                .extracting(JsonNode::asText)
                .containsExactly("drill", "--next-in", "6h");
    }

    @Test
    void aDrillThatFailsIsAFindingAndIsNotTriedAgain() throws IOException {
        JsonNode drill = named("drill");

        assertThat(drill.at("/spec/concurrencyPolicy").asText()).isEqualTo("Forbid");
        assertThat(drill.at("/spec/jobTemplate/spec/backoffLimit").asInt(-1)).isZero();
        assertThat(drill.at("/spec/jobTemplate/spec/template/spec/restartPolicy")
                        .asText())
                .isEqualTo("Never");
    }

    @Test
    void eachRunsAsItsServiceAndPruneDoesNothingUntilItIsToldTo() throws IOException {
        for (JsonNode pod : pods()) {
            JsonNode arguments = pod.at("/containers/0/args");
            String command = arguments.at("/0").asText();
            Service service =
                    switch (command) {
                        case "capture" -> Service.CAPTURE;
                        case "compact", "baseline" -> Service.COMPACTOR;
                        case "prune" -> Service.PRUNE;
                        default -> Service.RESTORER;
                    };
            assertThat(pod.get("serviceAccountName").asText()).as(command).isEqualTo("tidemark-" + service.spoken());
            if (service == Service.PRUNE) {
                assertThat(arguments).hasSize(1);
            }
        }
        assertThat(named("prune").at("/spec/suspend").asBoolean()).isTrue();
    }

    private static JsonNode named(String name) throws IOException {
        return objects().stream()
                .filter(object -> object.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Objects that kustomization.yaml does not name are applied as they are: a name with a hash would be no name to them. */
    @Test
    void everyNameThatAPodRefersToIsOneOfTheseObjects() throws IOException {
        JsonNode kustomization = kustomization();
        Set<String> there = new TreeSet<>();
        objects()
                .forEach(object -> there.add(object.get("kind").asText() + "/"
                        + object.at("/metadata/name").asText()));
        kustomization
                .get("configMapGenerator")
                .forEach(made -> there.add("ConfigMap/" + made.get("name").asText()));

        Set<String> meant = new TreeSet<>();
        for (JsonNode pod : pods()) {
            meant.add("ServiceAccount/" + pod.get("serviceAccountName").asText());
            pod.findValues("secretName").forEach(name -> meant.add("Secret/" + name.asText()));
            Stream.of("secret", "secretRef", "secretKeyRef")
                    .flatMap(kind -> pod.findValues(kind).stream())
                    .filter(found -> found.has("name"))
                    .forEach(found -> meant.add("Secret/" + found.get("name").asText()));
            Stream.of("configMap", "configMapRef", "configMapKeyRef")
                    .flatMap(kind -> pod.findValues(kind).stream())
                    .forEach(found -> meant.add("ConfigMap/" + found.get("name").asText()));
        }

        assertThat(kustomization.at("/generatorOptions/disableNameSuffixHash").asBoolean())
                .isTrue();
        assertThat(meant).contains("ConfigMap/tidemark", "Secret/tidemark", "Secret/restore-target");
        assertThat(there).containsAll(meant);
    }

    @Test
    void whatIsAppliedByHandLiesWhereTheRestLies() throws IOException {
        String namespace = kustomization().get("namespace").asText();
        for (String file : BY_HAND) {
            for (JsonNode object : objectsOf(file)) {
                assertThat(object.at("/metadata/namespace").asText()).as(file).isEqualTo(namespace);
            }
        }
    }

    /** Each part once, and no other: a part left out is a restore that looks whole and is not. */
    @Test
    void thePartsOfARestoreAreAsManyAsItsPods() throws IOException {
        JsonNode job = objects().stream()
                .filter(object -> object.get("kind").asText().equals("Job"))
                .findFirst()
                .orElseThrow();

        int pods = job.at("/spec/completions").asInt();
        assertThat(job.at("/spec/completionMode").asText()).isEqualTo("Indexed");
        assertThat(job.at("/spec/parallelism").asInt()).isEqualTo(pods);
        assertThat(job.at("/spec/template/spec/containers/0/args/0").asText())
                .endsWith("--shard \"$((JOB_COMPLETION_INDEX + 1))/" + pods + "\"");
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

    /** All that kustomization.yaml names, and what is applied by hand. */
    private static List<JsonNode> objects() throws IOException {
        List<JsonNode> objects = new ArrayList<>();
        List<String> files = new ArrayList<>(BY_HAND);
        kustomization().get("resources").forEach(file -> files.add(file.asText()));
        Map<String, String> seen = new HashMap<>();
        for (String file : files) {
            for (JsonNode object : objectsOf(file)) {
                assertThat(seen.put(object.get("kind") + "/" + object.at("/metadata/name"), file))
                        .isNull();
                objects.add(object);
            }
        }
        return objects;
    }

    private static List<JsonNode> objectsOf(String file) throws IOException {
        return new YAMLMapper()
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(DIRECTORY.resolve(file).toFile())
                .readAll();
    }

    private static JsonNode kustomization() throws IOException {
        return new YAMLMapper().readTree(DIRECTORY.resolve("kustomization.yaml").toFile());
    }
}
