package dev.tidemark.restorer.proof;

import dev.tidemark.restorer.proof.DumpReader.Unknown;
import dev.tidemark.schemas.Bytes;
import java.nio.BufferUnderflowException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What FUNCTION DUMP gives: the code of each library, then the version and checksum that end every payload. */
public final class FunctionDump {
    private static final int LIBRARY = 245;
    private static final int FOOTER_BYTES = 10;
    private static final Pattern NAME = Pattern.compile("#!\\S+[^\\n]*\\bname=(\\S+)");

    private FunctionDump() {}

    /**
     * The libraries' code by their names.
     *
     * @throws IllegalArgumentException if that is no such payload
     */
    public static Map<String, Bytes> libraries(Bytes payload) {
        if (payload.length() < FOOTER_BYTES) {
            throw new IllegalArgumentException("%d bytes are no dump of functions".formatted(payload.length()));
        }
        try {
            Map<String, Bytes> libraries = new TreeMap<>();
            DumpReader in = new DumpReader(payload, FOOTER_BYTES);
            while (in.hasMore()) {
                if (in.octet() != LIBRARY) {
                    throw new Unknown("something that is no library");
                }
                Bytes code = in.string();
                libraries.put(name(code), code);
            }
            return libraries;
        } catch (Unknown | BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a dump of functions holds " + e.getMessage(), e);
        }
    }

    private static String name(Bytes code) throws Unknown {
        Matcher first = NAME.matcher(code.asUtf8().orElse(""));
        if (!first.lookingAt()) {
            throw new Unknown("a library without a name");
        }
        return first.group(1);
    }
}
