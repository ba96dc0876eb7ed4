package dev.tidemark.standalone.configuration;

import dev.tidemark.schemas.settings.ClientProperties;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The page with every setting: which there are and what they take from the records, defaults and explanations from the example
 * file, which other tests hold against the records.
 */
final class ConfigurationReference {
    private static final Pattern KEY = Pattern.compile("^( *)(#?)([a-z0-9-]+):(?: (.*))?$");
    private static final String NONE = "none";

    private final Map<SettingKey, Entry> entries = new LinkedHashMap<>();

    /** What the example file says of one key. */
    private record Entry(String value, String remark) {}

    private ConfigurationReference() {}

    static String page(String example) {
        ConfigurationReference reference = new ConfigurationReference();
        reference.read(example);
        return reference.page();
    }

    private void read(String example) {
        List<String> remark = new ArrayList<>();
        List<String> sections = new ArrayList<>();
        boolean isRemark = false;
        for (String line : example.lines().toList()) {
            String text = line.strip();
            if (text.startsWith("# ")) {
                if (!isRemark) {
                    remark.clear();
                }
                isRemark = true;
                remark.add(text.substring(2));
                continue;
            }
            isRemark = false;
            Matcher key = KEY.matcher(line);
            if (key.matches()) {
                int depth = key.group(1).length() / 2;
                while (sections.size() > depth) {
                    sections.remove(sections.size() - 1);
                }
                SettingKey name =
                        new SettingKey(String.join(".", sections) + (sections.isEmpty() ? "" : ".") + key.group(3));
                if (key.group(4) == null) {
                    sections.add(key.group(3));
                }
                entries.put(
                        name,
                        new Entry(
                                key.group(2).isEmpty()
                                        ? Optional.ofNullable(key.group(4)).orElse(NONE)
                                        : NONE,
                                String.join(" ", remark)));
            }
        }
    }

    private String page() {
        StringBuilder page = new StringBuilder("""
            # Configuration

            Every setting, in the order of [tidemark.example.yml](../tidemark.example.yml). The build makes this page of the code and of that file, and fails
            when it is another: `mvn -pl standalone -am test -Dtest=ConfigurationReferenceTest -Dsurefire.failIfNoSpecifiedTests=false -Dtidemark.write=true`
            writes it.

            A file is named by `--config`, else by `TIDEMARK_CONFIG`, else it is `./tidemark.yml`. A variable of the environment overrides its key. An unknown
            key or variable is an error, and all problems are reported together, with exit code 2. A secret is better in a file: where there is `x-file` beside `x`,
            one of the two is set. Paths begin at the file's directory. Times: `ms`, `s`, `m`, `h`, `d`. Sizes: `B`, `KiB`, `MiB`, `GiB`.
            """);
        String section = "";
        for (SettingKey key : SettingKeys.all()) {
            String top = key.path().substring(0, key.path().indexOf('.'));
            if (!top.equals(section)) {
                section = top;
                page.append("%n## %s%n%n| key | takes | default | |%n|---|---|---|---|%n".formatted(section));
            }
            page.append(row(key));
        }
        return page.toString();
    }

    private String row(SettingKey key) {
        Entry entry = Optional.ofNullable(entries.get(key))
                .orElseThrow(() -> new AssertionError(key.path() + " is not in tidemark.example.yml"));
        boolean isRequired = entry.remark().startsWith("REQUIRED");
        return "| `%s`<br>`%s` | %s | %s | %s |%n"
                .formatted(
                        key.path(),
                        variable(key),
                        takes(key, SettingKeys.typeOf(key)),
                        isRequired || entry.value().equals(NONE) ? NONE : "`" + entry.value() + "`",
                        entry.remark()
                                .replaceFirst("^Default: none\\. ?", "")
                                .replace("|", "\\|")
                                .replace("<", "&lt;"));
    }

    private static String variable(SettingKey key) {
        return SettingKeys.typeOf(key) == ClientProperties.class ? key.variable() + "_..." : key.variable();
    }

    private static String takes(SettingKey key, Type type) {
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[0];
            return generic.getRawType() == List.class ? "list" : takes(key, inner);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isEnum()) {
            return Arrays.stream(plain.getEnumConstants())
                    .map(each -> "`" + each.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
                    .collect(Collectors.joining(", "));
        }
        if (plain == long.class || plain == int.class) {
            return key.name().contains("bytes") ? "size" : "number";
        }
        Map<Class<?>, String> words = Map.of(
                Duration.class, "time",
                boolean.class, "`true`, `false`",
                URI.class, "address",
                Path.class, "file",
                ClientProperties.class, "properties");
        return words.getOrDefault(plain, "text");
    }
}
