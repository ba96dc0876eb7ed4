package dev.tidemark.standalone.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.tidemark.schemas.settings.ClientProperties;
import dev.tidemark.schemas.settings.Secret;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Lays a tree of values over a record of defaults, component by component. */
final class SettingsBinder {
    private static final String FILE = "-file";

    private final ValueReader values;
    private final ProblemList problems;

    SettingsBinder(Path directory, ProblemList problems) {
        this.values = new ValueReader(directory);
        this.problems = problems;
    }

    <T extends Record> T bind(SettingKey section, T defaults, JsonNode node) {
        if (!node.isNull() && !node.isObject()) {
            problems.add(section, "takes keys below it, not a single value");
            return defaults;
        }
        RecordComponent[] components = defaults.getClass().getRecordComponents();
        reportUnknown(section, components, node);
        Map<String, Object> bound = new LinkedHashMap<>();
        for (RecordComponent component : components) {
            bound.put(component.getName(), bindComponent(section, component, defaults, node));
        }
        readSecretFiles(section, bound);
        return construct(defaults, components, bound.values().toArray());
    }

    private void reportUnknown(SettingKey section, RecordComponent[] components, JsonNode node) {
        node.fieldNames().forEachRemaining(name -> {
            if (Arrays.stream(components)
                    .noneMatch(each -> SettingKey.kebab(each.getName()).equals(name))) {
                SettingKey unknown = section.child(name);
                problems.add(
                        unknown,
                        "is unknown; the nearest known key is "
                                + SettingKeys.nearestTo(unknown).path());
            }
        });
    }

    private Object bindComponent(SettingKey section, RecordComponent component, Record defaults, JsonNode node) {
        SettingKey key = section.child(component);
        Object fallback = valueOf(component, defaults);
        JsonNode value = node.isNull() ? null : node.get(key.name());
        if (value == null && !(fallback instanceof Record)) {
            return fallback;
        }
        if (fallback instanceof Record inner) {
            return bind(key, inner, value == null ? NullNode.getInstance() : value);
        }
        if (fallback instanceof ClientProperties) {
            return bindProperties(key, value);
        }
        try {
            return values.read(key, component.getGenericType(), value);
        } catch (BadValue bad) {
            problems.add(key, bad.getMessage());
            return fallback;
        }
    }

    /** Every {@code x-file} is read now: into the secret {@code x} beside it, or only to see that it can be. */
    private void readSecretFiles(SettingKey section, Map<String, Object> bound) {
        bound.replaceAll((name, value) -> {
            if (value instanceof Optional<?> secret && bound.get(name + "File") instanceof Optional<?> file) {
                return file.isEmpty() ? secret : fromFile(section, name, secret, (Path) file.get());
            }
            boolean isUnpairedFile =
                    name.endsWith("File") && !bound.containsKey(name.substring(0, name.length() - "File".length()));
            if (isUnpairedFile
                    && value instanceof Optional<?> file
                    && file.isPresent()
                    && !Files.isReadable((Path) file.get())) {
                problems.add(section.child(SettingKey.kebab(name)), "names " + file.get() + ", which cannot be read");
            }
            return value;
        });
    }

    private Object fromFile(SettingKey section, String name, Optional<?> written, Path file) {
        SettingKey secret = section.child(SettingKey.kebab(name));
        SettingKey secretFile = section.child(SettingKey.kebab(name) + FILE);
        if (written.isPresent()) {
            problems.add(secret, "and " + secretFile.path() + " are both set; keep one");
            return written;
        }
        try {
            return Optional.of(Secret.of(SecretFile.read(file)));
        } catch (BadValue bad) {
            problems.add(secretFile, bad.getMessage());
            // As if it had been read, so that the rules do not call it missing as well.
            return Optional.of(Secret.of(""));
        }
    }

    private ClientProperties bindProperties(SettingKey section, JsonNode node) {
        if (!node.isNull() && !node.isObject()) {
            problems.add(section, "takes the properties of Kafka's clients below it");
            return ClientProperties.none();
        }
        Map<String, String> properties = new HashMap<>();
        node.properties().forEach(field -> {
            SettingKey key = section.child(field.getKey());
            try {
                bindProperty(key, field.getKey(), field.getValue(), node, properties);
            } catch (BadValue bad) {
                problems.add(key, bad.getMessage());
            }
        });
        return ClientProperties.of(properties);
    }

    private void bindProperty(
            SettingKey key, String name, JsonNode value, JsonNode siblings, Map<String, String> properties)
            throws BadValue {
        if (value.isContainerNode() || value.isNull()) {
            throw new BadValue("takes a single value; a property's name is written in one line, dots included");
        }
        boolean isSecret = ClientProperties.isSecret(name);
        if (!isSecret) {
            properties.put(name, value.asText());
            return;
        }
        String text = (String) values.read(key, String.class, value);
        String stem = name.endsWith(FILE) ? name.substring(0, name.length() - FILE.length()) : name;
        if (stem.equals(name)) {
            properties.put(name, text);
            return;
        }
        if (siblings.has(stem)) {
            throw new BadValue("and the property without '-file' are both set; keep one");
        }
        Path file = (Path) values.read(key, Path.class, value);
        properties.put(stem, SecretFile.read(file));
    }

    private static Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException broken) {
            throw new IllegalStateException("the settings record " + record.getClass() + " cannot be read", broken);
        }
    }

    @SuppressWarnings("unchecked") // The constructor of a record's own class makes that record.
    private static <T extends Record> T construct(T defaults, RecordComponent[] components, Object[] arguments) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<? extends Record> constructor = defaults.getClass().getDeclaredConstructor(types);
            return (T) constructor.newInstance(arguments);
        } catch (ReflectiveOperationException broken) {
            throw new IllegalStateException("the settings record " + defaults.getClass() + " cannot be made", broken);
        }
    }
}
