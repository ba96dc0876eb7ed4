package dev.tidemark.oracle;

import dev.tidemark.oracle.judge.Key;
import java.nio.charset.StandardCharsets;

/** One command, as the words that will be sent. */
final class Command {
    static final Command TIME = of("TIME");
    static final Command MULTI = of("MULTI");
    static final Command EXEC = of("EXEC");

    private final byte[][] words;

    private Command(byte[][] words) {
        this.words = words;
    }

    /** Words are byte arrays, keys, numbers or text. */
    static Command of(Object... words) {
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = bytesOf(words[i]);
        }
        return new Command(bytes);
    }

    byte[][] words() {
        return words;
    }

    String name() {
        return new String(words[0], StandardCharsets.US_ASCII);
    }

    private static byte[] bytesOf(Object word) {
        if (word instanceof byte[] bytes) {
            return bytes;
        }
        if (word instanceof Key key) {
            return key.array();
        }
        if (word instanceof OwnKey own) {
            return own.key().array();
        }
        return word.toString().getBytes(StandardCharsets.UTF_8);
    }
}
