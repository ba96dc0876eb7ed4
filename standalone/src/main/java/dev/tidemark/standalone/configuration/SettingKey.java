package dev.tidemark.standalone.configuration;

import java.lang.reflect.RecordComponent;
import java.util.Locale;

/**
 * The full name of a setting, such as {@code s3.bucket}.
 *
 * @param path sections and name, separated by dots; empty at the root
 */
record SettingKey(String path) {
    static final String VARIABLES = "TIDEMARK_";
    static final SettingKey ROOT = new SettingKey("");

    SettingKey child(String name) {
        return new SettingKey(path.isEmpty() ? name : path + "." + name);
    }

    SettingKey child(RecordComponent component) {
        return child(kebab(component.getName()));
    }

    /** The last part: the name within its section. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** The environment variable that overrides it. */
    String variable() {
        return VARIABLES + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
