package dev.tidemark.standalone.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidemark.schemas.settings.Secret;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns one value of the file into the type of its component. */
final class ValueReader {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})(B|KiB|MiB|GiB)?");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");

    private final Path directory;

    /** @param directory that relative paths begin at */
    ValueReader(Path directory) {
        this.directory = directory;
    }

    Object read(SettingKey key, Type type, JsonNode node) throws BadValue {
        if (type instanceof ParameterizedType generic) {
            Type element = generic.getActualTypeArguments()[0];
            return generic.getRawType() == Optional.class
                    ? Optional.of(read(key, element, node))
                    : readList(key, element, node);
        }
        if (node.isNull() || node.isContainerNode()) {
            throw new BadValue(node.isNull() ? "has no value; remove the key or give it one" : "takes a single value");
        }
        Class<?> target = (Class<?>) type;
        if (target == String.class) {
            return text(node);
        }
        if (target == Secret.class) {
            return Secret.of(text(node));
        }
        String text = node.asText();
        if (target == int.class || target == Integer.class) {
            return number(text, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
        }
        if (target == long.class) {
            return isSize(key) ? size(text) : number(text, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        if (target == boolean.class) {
            return truth(text);
        }
        if (target == Duration.class) {
            return duration(text);
        }
        if (target == URI.class) {
            return address(text);
        }
        if (target == Path.class) {
            return path(text);
        }
        if (target.isEnum()) {
            return choice(target, text);
        }
        throw new IllegalStateException("a setting has a type that no file can hold: " + type);
    }

    private List<Object> readList(SettingKey key, Type element, JsonNode node) throws BadValue {
        if (!node.isArray()) {
            throw new BadValue("takes a list; for example [a, b]");
        }
        List<Object> elements = new ArrayList<>();
        for (JsonNode each : node) {
            elements.add(read(key, element, each));
        }
        return elements;
    }

    /** YAML reads 0123 and 1e3 as numbers and would not give their letters back: text must have been text. */
    private static String text(JsonNode node) throws BadValue {
        if (!node.isTextual()) {
            throw new BadValue("takes text, and YAML reads this as something else; put it in quotes");
        }
        return node.textValue();
    }

    private static boolean isSize(SettingKey key) {
        return key.name().contains("bytes");
    }

    private static Long number(String text, long least, long most) throws BadValue {
        String digits = text.replace("_", "");
        if (!NUMBER.matcher(digits).matches()) {
            throw new BadValue("is '" + text + "'; it takes a whole number, for example 8");
        }
        long value = Long.parseLong(digits);
        if (value < least || value > most) {
            throw new BadValue("is " + text + "; it may be " + least + " to " + most);
        }
        return value;
    }

    private static Long size(String text) throws BadValue {
        Matcher parts = SIZE.matcher(text);
        if (!parts.matches()) {
            throw new BadValue("is '" + text + "'; it takes a size in B, KiB, MiB or GiB, for example 64MiB");
        }
        long amount = Long.parseLong(parts.group(1));
        String unit = parts.group(2) == null ? "B" : parts.group(2);
        int shift = 10 * List.of("B", "KiB", "MiB", "GiB").indexOf(unit);
        if (amount > Long.MAX_VALUE >> shift) {
            throw new BadValue("is '" + text + "'; that is more than can be counted");
        }
        return amount << shift;
    }

    private static Boolean truth(String text) throws BadValue {
        if (!text.equals("true") && !text.equals("false")) {
            throw new BadValue("is '" + text + "'; it takes true or false");
        }
        return Boolean.valueOf(text);
    }

    private static Duration duration(String text) throws BadValue {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            throw new BadValue("is '" + text + "'; it takes a time in ms, s, m, h or d, for example 30s");
        }
        long amount = Long.parseLong(parts.group(1));
        String unit = parts.group(2);
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /** Does not show the text: an address that cannot be read is often one with a password in it. */
    private static URI address(String text) throws BadValue {
        try {
            return new URI(text);
        } catch (URISyntaxException notAnAddress) {
            throw new BadValue("is no address that can be read; for example redis://127.0.0.1:6379");
        }
    }

    private Path path(String text) throws BadValue {
        try {
            if (!text.isEmpty()) {
                return directory.resolve(text);
            }
        } catch (InvalidPathException notAPath) {
            throw new BadValue("is no path");
        }
        throw new BadValue("is empty; it takes a path");
    }

    private static Object choice(Class<?> type, String text) throws BadValue {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(each -> ((Enum<?>) each).name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        int index = names.indexOf(text);
        if (index < 0) {
            throw new BadValue("is '" + text + "'; it takes " + String.join(" or ", names));
        }
        return type.getEnumConstants()[index];
    }
}
