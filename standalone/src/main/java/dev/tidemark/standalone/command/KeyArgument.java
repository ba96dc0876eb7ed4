package dev.tidemark.standalone.command;

import dev.tidemark.schemas.Bytes;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/** A key of Redis on a command line and in an answer: text where it is text, else hex or Base64. */
final class KeyArgument {
    static final String FORMS = "chunk:42, hex:00ff9e or base64:AP+e; text:hex:1 for a key that is called hex:1";

    private static final String TEXT = "text:";
    private static final String HEX = "hex:";
    private static final String BASE64 = "base64:";

    private KeyArgument() {}

    static Bytes parse(String argument) {
        try {
            if (argument.startsWith(HEX)) {
                return Bytes.wrap(HexFormat.of().parseHex(argument.substring(HEX.length())));
            }
            if (argument.startsWith(BASE64)) {
                return Bytes.wrap(Base64.getDecoder().decode(argument.substring(BASE64.length())));
            }
        } catch (IllegalArgumentException wrong) {
            // Not its message, which quotes what may be a part of the key.
            throw new TidemarkError(
                    ExitCode.USAGE, "the key is neither hex nor Base64 as its first letters say; for example " + FORMS);
        }
        return Bytes.utf8(argument.startsWith(TEXT) ? argument.substring(TEXT.length()) : argument);
    }

    /** As it can be typed back; nothing in it can move a terminal's cursor. */
    static String shown(Bytes key) {
        String text = key.asUtf8().filter(KeyArgument::isPlain).orElse(null);
        if (text == null) {
            return HEX + key.toHex();
        }
        boolean isAmbiguous = text.startsWith(TEXT) || text.startsWith(HEX) || text.startsWith(BASE64);
        return isAmbiguous ? TEXT + text : text;
    }

    private static boolean isPlain(String text) {
        return !text.isEmpty()
                && text.codePoints()
                        .noneMatch(each -> Character.isISOControl(each)
                                || Character.getType(each) == Character.FORMAT
                                || (Character.isWhitespace(each) && each != ' '));
    }

    /** Under the one name or the other: what is text is told as text, whatever it has in it. */
    static void json(Map<String, Object> json, String name, Bytes bytes) {
        if (bytes.asUtf8().isPresent()) {
            json.put(name, bytes.asUtf8().get());
        } else {
            json.put(name + "_base64", Base64.getEncoder().encodeToString(bytes.array()));
        }
    }
}
