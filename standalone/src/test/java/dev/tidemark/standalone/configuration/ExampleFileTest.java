package dev.tidemark.standalone.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.RedisSettings;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.schemas.settings.SourceSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** An undocumented key, or a documented one that is not there, fails the build here. */
class ExampleFileTest {
    private static final Path EXAMPLE =
            Path.of("..", "tidemark.example.yml").toAbsolutePath().normalize();
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void documentsEveryKeyAndNoOther() throws IOException {
        String text = Files.readString(EXAMPLE);

        assertThat(differences(text)).isEmpty();
    }

    @Test
    void anUndocumentedKeyIsFound() throws IOException {
        String text = Files.readString(EXAMPLE);

        assertThat(differences(text.replace("  cut-age: 30s\n", ""))).containsExactly("compactor.cut-age");
        assertThat(differences(text.replace("\n  #username: tidemark\n", "\n"))).containsExactly("redis.username");
    }

    @Test
    void aDocumentedKeyThatIsNotThereIsFound() throws IOException {
        String text = Files.readString(EXAMPLE);

        assertThat(differences(text.replace("  attempts: 5\n", "  attempts: 5\n  #acceleration: on\n")))
                .containsExactly("s3.acceleration");
    }

    @Test
    void loadsAsItStandsAndSaysTheTrueDefaults() {
        Settings example = new Configuration(EXAMPLE.getParent(), Map.of()).load(Optional.of(EXAMPLE), Role.CAPTURE);

        Settings defaults = Settings.defaults();
        SourceSettings source = new SourceSettings(
                "prod-rag",
                defaults.source().shards(),
                defaults.source().prefixes(),
                defaults.source().databases());
        assertThat(example.source()).isEqualTo(source);
        assertThat(example.redis()).isEqualTo(RedisSettings.at(URI.create("redis://127.0.0.1:6379")));
        assertThat(example.kafka()).isEqualTo(defaults.kafka());
        assertThat(example.s3())
                .usingRecursiveComparison()
                .ignoringFields("bucket")
                .isEqualTo(defaults.s3());
        assertThat(example.capture()).isEqualTo(defaults.capture());
        assertThat(example.compactor()).isEqualTo(defaults.compactor());
        assertThat(example.restorer()).isEqualTo(defaults.restorer());
        assertThat(example.retention()).isEqualTo(defaults.retention());
        assertThat(example.http()).isEqualTo(defaults.http());
    }

    /** The keys that are in the file or in the records, but not in both. */
    private static Set<String> differences(String example) throws IOException {
        Set<String> documented = new TreeSet<>();
        // A '#' without a space behind it sets a key out of use; with one it begins a remark.
        collect(YAML.readTree(example.replaceAll("(?m)^( +)#(?=[a-z])", "$1")), SettingKey.ROOT, documented);
        Set<String> known = new TreeSet<>();
        SettingKeys.all().forEach(key -> known.add(key.path()));

        Set<String> differences = new TreeSet<>(known);
        differences.removeAll(documented);
        documented.removeAll(known);
        differences.addAll(documented);
        return differences;
    }

    private static void collect(JsonNode node, SettingKey key, Set<String> paths) {
        boolean isProperties = SettingKeys.all().contains(key) && SettingKeys.typeOf(key) == ClientProperties.class;
        if (!node.isObject() || isProperties) {
            paths.add(key.path());
            return;
        }
        for (Map.Entry<String, JsonNode> field : List.copyOf(node.properties())) {
            collect(field.getValue(), key.child(field.getKey()), paths);
        }
    }
}
