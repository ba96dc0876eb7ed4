package dev.tidemark.standalone.command;

import dev.tidemark.restorer.drill.Embedding;
import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.log.Value;
import dev.tidemark.schemas.log.Value.Blob;
import dev.tidemark.schemas.log.Value.Field;
import dev.tidemark.schemas.log.Value.Hash;
import dev.tidemark.schemas.log.Value.Opaque;
import dev.tidemark.schemas.log.Value.Text;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A value as it is shown: to people what they can read of it, to scripts all of it. */
final class ValueWords {
    private static final int TEXT_CHARACTERS_MAX = 500;
    private static final int FLOATS_SHOWN = 4;
    private static final int BYTES_SHOWN = 16;

    private ValueWords() {}

    static String text(Value value) {
        if (value instanceof Text text) {
            return "  " + text(text.bytes()) + "\n";
        }
        if (value instanceof Hash hash) {
            int width = hash.fields().stream()
                    .mapToInt(field -> KeyArgument.shown(field.name()).length())
                    .max()
                    .orElse(0);
            return hash.fields().stream()
                    .map(field ->
                            "  %s  %s%n".formatted(pad(KeyArgument.shown(field.name()), width), text(field.value())))
                    .collect(Collectors.joining());
        }
        if (value instanceof Blob blob) {
            return "  %s on S3 with the SHA-256 %s; not fetched%n"
                    .formatted(RestoreWords.bytes(blob.length()), blob.sha256().toHex());
        }
        return "  a DUMP of %d bytes; -o json has it%n"
                .formatted(((Opaque) value).dump().length());
    }

    private static String pad(String name, int width) {
        return name + " ".repeat(Math.max(0, Math.min(width, 40) - name.length()));
    }

    private static String text(Bytes bytes) {
        Optional<String> text = bytes.asUtf8();
        if (text.isPresent()) {
            String plain = RestoreWords.plain(text.get());
            return plain.length() <= TEXT_CHARACTERS_MAX
                    ? plain
                    : plain.substring(0, TEXT_CHARACTERS_MAX) + "... (%d characters)".formatted(plain.length());
        }
        return Embedding.of(bytes).map(ValueWords::text).orElseGet(() -> {
            String hex = bytes.toHex();
            return "%d bytes, %s%s"
                    .formatted(
                            bytes.length(),
                            hex.substring(0, Math.min(hex.length(), 2 * BYTES_SHOWN)),
                            bytes.length() > BYTES_SHOWN ? "..." : "");
        });
    }

    private static String text(Embedding embedding) {
        String first = IntStream.range(0, Math.min(FLOATS_SHOWN, embedding.dimensions()))
                .mapToObj(i -> String.format(Locale.ROOT, "%.4f", embedding.at(i)))
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%d floats, norm %.4f, [%s%s]",
                embedding.dimensions(),
                embedding.norm(),
                first,
                embedding.dimensions() > FLOATS_SHOWN ? ", ..." : "");
    }

    static Map<String, Object> json(Value value) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (value instanceof Text text) {
            KeyArgument.json(json, "string", text.bytes());
        } else if (value instanceof Hash hash) {
            json.put("fields", fields(hash));
        } else if (value instanceof Blob blob) {
            json.put("blob_sha256", blob.sha256().toHex());
            json.put("blob_bytes", blob.length());
        } else if (value instanceof Opaque opaque) {
            json.put(
                    "dump_base64",
                    Base64.getEncoder().encodeToString(opaque.dump().array()));
        }
        return json;
    }

    private static List<Map<String, Object>> fields(Hash hash) {
        return hash.fields().stream().map(ValueWords::json).toList();
    }

    private static Map<String, Object> json(Field field) {
        Map<String, Object> json = new LinkedHashMap<>();
        KeyArgument.json(json, "name", field.name());
        KeyArgument.json(json, "value", field.value());
        if (field.value().asUtf8().isEmpty()) {
            Embedding.of(field.value()).ifPresent(embedding -> {
                json.put("floats", embedding.dimensions());
                json.put("norm", embedding.norm());
            });
        }
        return json;
    }
}
