package dev.tidemark.standalone.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tidemark.schemas.settings.ClientProperties;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * {@code TIDEMARK_S3_BUCKET} and its like, to be laid over a file's tree. Lists are separated by commas.
 *
 * @param values by key
 * @param unknown variables that override nothing
 */
record EnvironmentOverrides(Map<SettingKey, String> values, List<String> unknown) {
    private static final Set<String> NOT_SETTINGS =
            Set.of("TIDEMARK_CONFIG", "TIDEMARK_JAVA_OPTIONS", "TIDEMARK_REDIS_SERVER");

    /** Said to the tests and the benchmarks, and to the servers that these start. */
    private static final Pattern OF_TESTS = Pattern.compile("TIDEMARK_(SERVERS|ORACLE|BENCH|DEMO|TEST)_.*");

    /** What Kubernetes puts into every container beside a Service whose name begins with ours. */
    private static final Pattern OF_KUBERNETES =
            Pattern.compile("TIDEMARK_(.*_)?(SERVICE_(HOST|PORT)(_.*)?|PORT(_\\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)?)");

    static EnvironmentOverrides in(Map<String, String> environment) {
        Map<SettingKey, String> values = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        new TreeMap<>(environment).forEach((variable, value) -> {
            Optional<SettingKey> key = SettingKeys.ofVariable(variable);
            if (!variable.startsWith(SettingKey.VARIABLES)
                    || NOT_SETTINGS.contains(variable)
                    || OF_TESTS.matcher(variable).matches()
                    || isOfKubernetes(variable, value, key.isPresent())) {
                return;
            }
            if (key.isPresent() && !isWholeMap(key.get())) {
                values.put(key.get(), value);
            } else {
                unknown.add(variable);
            }
        });
        return new EnvironmentOverrides(values, unknown);
    }

    /** A port of ours, TIDEMARK_HTTP_CAPTURE_PORT, is a number; that of a Service of this name would be an address. */
    private static boolean isOfKubernetes(String variable, String value, boolean isSetting) {
        return OF_KUBERNETES.matcher(variable).matches() && (!isSetting || value.contains("://"));
    }

    Map<SettingKey, String> variables() {
        Map<SettingKey, String> variables = new HashMap<>();
        values.keySet().forEach(key -> variables.put(key, key.variable()));
        return variables;
    }

    void layOver(ObjectNode tree, Path workingDirectory) {
        values.forEach((key, value) -> {
            ObjectNode section = tree;
            List<String> parts = partsOf(key);
            for (String name : parts.subList(0, parts.size() - 1)) {
                JsonNode below = section.get(name);
                // A section written as a single value is a problem of its own, found by the binder: left as it is.
                if (below != null && !below.isNull() && !below.isObject()) {
                    return;
                }
                section = below instanceof ObjectNode object ? object : section.putObject(name);
            }
            String name = parts.get(parts.size() - 1);
            section.set(name, nodeOf(key, value, workingDirectory));
            // The environment wins over the file whole: a secret given here is not at odds with a file named there.
            String other =
                    name.endsWith("-file") ? name.substring(0, name.length() - "-file".length()) : name + "-file";
            if (!values.containsKey(
                    new SettingKey(key.path().substring(0, key.path().length() - name.length()) + other))) {
                section.remove(other);
            }
        });
    }

    private static JsonNode nodeOf(SettingKey key, String value, Path workingDirectory) {
        if (!isProperty(key) && SettingKeys.typeOf(key) instanceof ParameterizedType generic) {
            if (generic.getRawType() == List.class) {
                ArrayNode list = JsonNodeFactory.instance.arrayNode();
                for (String element : value.split(",", -1)) {
                    list.add(element.strip());
                }
                return list;
            }
        }
        // Relative to where the command runs, not to where the file lies.
        boolean isFile = key.name().endsWith("-file") || key.name().endsWith("-dir");
        return TextNode.valueOf(
                isFile && !value.isEmpty() ? workingDirectory.resolve(value).toString() : value);
    }

    private static boolean isWholeMap(SettingKey key) {
        return SettingKeys.all().contains(key) && SettingKeys.typeOf(key) == ClientProperties.class;
    }

    /** Of {@code kafka.properties.ssl.key.password}, whose last part has dots. */
    private static List<String> partsOf(SettingKey key) {
        if (!isProperty(key)) {
            return List.of(key.path().split("\\."));
        }
        return List.of(key.path().split("\\.", 3));
    }

    private static boolean isProperty(SettingKey key) {
        return !SettingKeys.all().contains(key);
    }
}
