package dev.tidemark.standalone.configuration;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that is wrong with a configuration, in the order it was found. */
final class ProblemList {
    private final Map<SettingKey, String> variables;
    private final List<String> messages = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();

    /** @param variables that a key's value came from, so that a user looks in the right place */
    ProblemList(Map<SettingKey, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    void add(SettingKey key, String message) {
        keys.add(key.path());
        String origin = variables.containsKey(key) ? " (from " + variables.get(key) + ")" : "";
        messages.add(key.path() + origin + " " + message);
    }

    void add(String message) {
        messages.add(message);
    }

    /** A broken rule, unless its key could not be read: then the rule was asked about the default. */
    void addRule(String message) {
        String key = message.substring(0, message.indexOf(' '));
        if (!keys.contains(key)) {
            messages.add(message);
        }
    }

    List<String> messages() {
        return List.copyOf(messages);
    }
}
