package dev.tidemark.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.Set;

/** Small objects with a version, of which every member is known. */
final class StrictJson {
    private static final String VERSION = "version";
    private static final int VERSION_KNOWN = 1;
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private StrictJson() {}

    static ObjectNode object() {
        return part().put(VERSION, VERSION_KNOWN);
    }

    static ObjectNode part() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(ObjectNode object) {
        try {
            return MAPPER.writeValueAsBytes(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and text always become JSON", e);
        }
    }

    /** @throws IllegalArgumentException for anything but an object of our version with these members */
    static JsonNode parse(byte[] bytes, Set<String> required, Set<String> optional) {
        JsonNode object;
        try {
            object = MAPPER.readTree(bytes);
        } catch (IOException e) {
            throw new IllegalArgumentException("it is no JSON", e);
        }
        if (!object.isObject() || integer(object, VERSION) != VERSION_KNOWN) {
            throw new IllegalArgumentException("it is no object of version " + VERSION_KNOWN);
        }
        for (String name : required) {
            if (!object.has(name)) {
                throw new IllegalArgumentException("it has no '" + name + "'");
            }
        }
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!name.equals(VERSION) && !required.contains(name) && !optional.contains(name)) {
                throw new IllegalArgumentException("it has '" + name + "', which version 1 does not know");
            }
        }
        return object;
    }

    static long number(JsonNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("its '" + name + "' is no whole number");
        }
        return value.longValue();
    }

    static int integer(JsonNode object, String name) {
        long value = number(object, name);
        if (value != (int) value) {
            throw new IllegalArgumentException("its '" + name + "' is out of range");
        }
        return (int) value;
    }

    static String text(JsonNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("its '" + name + "' is no text");
        }
        return value.textValue();
    }

    static JsonNode array(JsonNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null || !value.isArray()) {
            throw new IllegalArgumentException("its '" + name + "' is no list");
        }
        return value;
    }
}
