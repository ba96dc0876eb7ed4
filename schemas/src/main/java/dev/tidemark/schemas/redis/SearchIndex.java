package dev.tidemark.schemas.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The FT.CREATE that would make an index again, from what FT.INFO says of it. Counts of what is indexed are left out, so that
 * it changes only when the index is made anew. Each character of it is one byte, quoted as redis-cli reads it.
 *
 * <p>Capture logs it, and a restore compares an index that it finds with the one that it would make.
 */
public final class SearchIndex {
    private static final Set<String> FLAGS = Set.of(
            "SORTABLE", "UNF", "NOSTEM", "NOINDEX", "CASESENSITIVE", "WITHSUFFIXTRIE", "INDEXEMPTY", "INDEXMISSING");

    /** How FT.INFO spells what FT.CREATE spells otherwise, of an index. */
    private static final Map<String, String> INDEX_OPTIONS = Map.of(
            "filter", "FILTER",
            "default_language", "LANGUAGE",
            "language_field", "LANGUAGE_FIELD",
            "default_score", "SCORE",
            "score_field", "SCORE_FIELD",
            "payload_field", "PAYLOAD_FIELD");

    private final List<String> words = new ArrayList<>();

    private SearchIndex() {}

    /**
     * The command as a line.
     *
     * @throws IllegalArgumentException if FT.INFO says something that FT.CREATE is not known to say
     */
    public static String createdBy(byte[] name, List<Object> info) {
        SearchIndex index = new SearchIndex();
        index.add("FT.CREATE", text(name));
        Map<String, Object> told = pairs(info);
        index.addIndex(pairs(list(told, "index_definition")));
        list(told, "index_options").forEach(option -> index.add(text(option)));
        if (told.containsKey("stopwords_list")) {
            index.addCounted("STOPWORDS", list(told, "stopwords_list"));
        }
        index.add("SCHEMA");
        for (Object field : list(told, "attributes")) {
            index.addField(listOf(field));
        }
        return String.join(" ", index.words);
    }

    private void addIndex(Map<String, Object> definition) {
        add("ON", text(definition.get("key_type")));
        if (definition.containsKey("prefixes")) {
            addCounted("PREFIX", list(definition, "prefixes"));
        }
        definition.forEach((option, value) -> {
            if (INDEX_OPTIONS.containsKey(option)) {
                add(INDEX_OPTIONS.get(option), text(value));
            }
        });
        if (definition.containsKey("indexes_all")
                && text(definition.get("indexes_all")).equals("true")) {
            add("INDEXALL", "ENABLE");
        }
    }

    private void addField(List<Object> told) {
        List<String> flags = new ArrayList<>();
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < told.size(); i++) {
            String word = text(told.get(i));
            if (FLAGS.contains(word)) {
                flags.add(word);
            } else if (++i < told.size()) {
                options.put(word, text(told.get(i)));
            }
        }
        String identifier = removed(options, "identifier");
        String attribute = removed(options, "attribute");
        String type = removed(options, "type");
        add(identifier);
        if (!attribute.equals(identifier)) {
            add("AS", attribute);
        }
        add(type);
        if (options.containsKey("coord_system")) {
            add(options.remove("coord_system"));
        }
        if (type.equals("VECTOR")) {
            add(removed(options, "algorithm"), Integer.toString(2 * options.size()));
        }
        options.forEach(
                (option, value) -> add(option.equals("data_type") ? "TYPE" : option.toUpperCase(Locale.ROOT), value));
        flags.forEach(this::add);
    }

    private void addCounted(String option, List<Object> values) {
        add(option, Integer.toString(values.size()));
        values.forEach(value -> add(text(value)));
    }

    private void add(String... each) {
        for (String word : each) {
            words.add(quoted(word));
        }
    }

    private static String removed(Map<String, String> options, String name) {
        String value = options.remove(name);
        if (value == null) {
            throw new IllegalArgumentException("FT.INFO does not tell the %s of a field".formatted(name));
        }
        return value;
    }

    private static Map<String, Object> pairs(List<Object> flat) {
        Map<String, Object> pairs = new LinkedHashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            pairs.put(text(flat.get(i)), flat.get(i + 1));
        }
        return pairs;
    }

    private static List<Object> list(Map<String, Object> told, String name) {
        if (!(told.get(name) instanceof List<?>)) {
            throw new IllegalArgumentException("FT.INFO does not tell " + name);
        }
        return listOf(told.get(name));
    }

    private static List<Object> listOf(Object value) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        throw new IllegalArgumentException("FT.INFO tells a field in another form");
    }

    private static String text(Object value) {
        if (value instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        if (value instanceof Long number) {
            return number.toString();
        }
        throw new IllegalArgumentException("FT.INFO tells an option in another form");
    }

    private static String quoted(String word) {
        if (word.matches("[!-~&&[^\"'\\\\]]+")) {
            return word;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < word.length(); i++) {
            char each = word.charAt(i);
            if (each == '"' || each == '\\') {
                quoted.append('\\').append(each);
            } else if (each < ' ' || each > '~') {
                quoted.append("\\x%02x".formatted((int) each));
            } else {
                quoted.append(each);
            }
        }
        return quoted.append('"').toString();
    }
}
