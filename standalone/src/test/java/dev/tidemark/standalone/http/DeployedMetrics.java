package dev.tidemark.standalone.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the dashboard and the alerts under deploy/ ask Prometheus for. */
public final class DeployedMetrics {
    static final Path DEPLOY = Path.of("..", "deploy").toAbsolutePath().normalize();
    private static final Pattern NAME = Pattern.compile("\\b(?:tidemark|jvm|process)_\\w+");

    private DeployedMetrics() {}

    /** Names, as they are scraped, and where each of them is used. */
    public static Map<String, String> names() {
        Map<String, String> names = new TreeMap<>();
        for (JsonNode panel : dashboard().get("panels")) {
            panel.get("targets").forEach(target -> collect(target, "panel " + panel.get("title"), names));
        }
        alerts().forEach(alert -> collect(alert, "alert " + alert.get("alert"), names));
        return names;
    }

    private static void collect(JsonNode query, String where, Map<String, String> names) {
        Matcher name = NAME.matcher(query.get("expr").asText());
        while (name.find()) {
            names.put(name.group().replaceFirst("_bucket$", ""), where);
        }
    }

    static JsonNode dashboard() {
        return read(new ObjectMapper(), DEPLOY.resolve("grafana/tidemark.json"));
    }

    static List<JsonNode> alerts() {
        List<JsonNode> alerts = new ArrayList<>();
        read(new YAMLMapper(), DEPLOY.resolve("prometheus/tidemark.rules.yml"))
                .get("groups")
                .forEach(group -> group.get("rules").forEach(alerts::add));
        return alerts;
    }

    private static JsonNode read(ObjectMapper mapper, Path file) {
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
