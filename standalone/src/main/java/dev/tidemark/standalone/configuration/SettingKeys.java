package dev.tidemark.standalone.configuration;

import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.Settings;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Every key there is, read off the records, so that a new component is a new key at once. */
final class SettingKeys {
    private static final Map<SettingKey, Type> TYPES = typesOf(Settings.class);

    private SettingKeys() {}

    /** Keys that hold a value, in the order of the records. */
    static List<SettingKey> all() {
        return List.copyOf(TYPES.keySet());
    }

    static Type typeOf(SettingKey key) {
        return Optional.ofNullable(TYPES.get(key)).orElseThrow();
    }

    /** The key that a variable overrides; for a map of properties, the key of one of them. */
    static Optional<SettingKey> ofVariable(String variable) {
        for (Map.Entry<SettingKey, Type> entry : TYPES.entrySet()) {
            SettingKey key = entry.getKey();
            if (variable.equals(key.variable())) {
                return Optional.of(key);
            }
            String mapPrefix = key.variable() + "_";
            if (entry.getValue() == ClientProperties.class && variable.startsWith(mapPrefix)) {
                return Optional.of(key.child(propertyOf(variable.substring(mapPrefix.length()))));
            }
        }
        return Optional.empty();
    }

    static SettingKey nearestTo(SettingKey unknown) {
        List<SettingKey> candidates = new ArrayList<>(all());
        TYPES.keySet().stream()
                .map(key -> new SettingKey(key.path().substring(0, key.path().indexOf('.'))))
                .distinct()
                .forEach(candidates::add);
        SettingKey nearest = candidates.get(0);
        int least = Integer.MAX_VALUE;
        for (SettingKey candidate : candidates) {
            // A right name in a wrong section is nearer than any other name.
            int distance = candidate.name().equals(unknown.name())
                    ? 1
                    : EditDistance.between(unknown.path(), candidate.path());
            if (distance < least) {
                nearest = candidate;
                least = distance;
            }
        }
        return nearest;
    }

    /** Kafka's property names have dots alone; the suffix {@code -file} is ours. */
    private static String propertyOf(String variablePart) {
        String dotted = variablePart.toLowerCase(Locale.ROOT).replace('_', '.');
        String stem = dotted.endsWith(".file") ? dotted.substring(0, dotted.length() - ".file".length()) : dotted;
        return !stem.equals(dotted) && ClientProperties.isSecret(stem) ? stem + "-file" : dotted;
    }

    private static Map<SettingKey, Type> typesOf(Class<? extends Record> root) {
        Map<SettingKey, Type> types = new LinkedHashMap<>();
        collect(root, SettingKey.ROOT, types);
        return Collections.unmodifiableMap(types);
    }

    private static void collect(Class<?> section, SettingKey key, Map<SettingKey, Type> types) {
        for (RecordComponent component : section.getRecordComponents()) {
            if (component.getType().isRecord()) {
                collect(component.getType(), key.child(component), types);
            } else {
                types.put(key.child(component), component.getGenericType());
            }
        }
    }
}
