package dev.tidemark.restorer.plan;

import dev.tidemark.schemas.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A search index by the command that makes it.
 *
 * @param line the command as redis-cli takes it
 * @param words of it, from FT.CREATE on
 */
public record IndexDefinition(String line, List<Bytes> words) {
    private static final String COMMAND = "FT.CREATE";

    public IndexDefinition {
        Objects.requireNonNull(line, "line");
        words = List.copyOf(words);
        if (words.size() < 2
                || !words.get(0).asUtf8().orElse("").equalsIgnoreCase(COMMAND)
                || words.get(1).length() == 0) {
            throw new IllegalArgumentException("this is no FT.CREATE of an index");
        }
    }

    /**
     * By a line as redis-cli takes it.
     *
     * @throws IllegalArgumentException that says what is wrong with the line, and not where that came from
     */
    public static IndexDefinition of(String line) {
        String command = line.strip();
        return new IndexDefinition(command, new Quoting(command).words());
    }

    public Bytes index() {
        return words.get(1);
    }

    /** The index's name, for people. */
    public String name() {
        return new String(index().array(), StandardCharsets.UTF_8);
    }

    /** Whether another line says the same, however it is quoted. */
    public boolean isSameAs(String other) {
        return words.equals(of(other).words);
    }

    /** Takes a line apart as redis-cli does. */
    private static final class Quoting {
        private static final String ESCAPES = "nrtba";
        private static final byte[] ESCAPED = {'\n', '\r', '\t', '\b', 7};
        private static final int HEX_DIGITS = 2;

        private final byte[] line;
        private final byte[] word;
        private int at;
        private int length;

        Quoting(String line) {
            this.line = line.getBytes(StandardCharsets.UTF_8);
            // No word is longer than the line that it is quoted in.
            this.word = new byte[this.line.length];
        }

        List<Bytes> words() {
            List<Bytes> words = new ArrayList<>();
            while (at < line.length) {
                if (isSpace()) {
                    at++;
                } else {
                    words.add(word());
                }
            }
            return words;
        }

        private Bytes word() {
            length = 0;
            while (at < line.length && !isSpace()) {
                byte each = line[at++];
                if (each == '"' || each == '\'') {
                    quoted(each);
                } else {
                    word[length++] = each;
                }
            }
            return Bytes.wrap(Arrays.copyOf(word, length));
        }

        private void quoted(byte quote) {
            while (at < line.length && line[at] != quote) {
                byte each = line[at++];
                boolean isEscape = each == '\\' && at < line.length && (quote == '"' || line[at] == quote);
                word[length++] = isEscape ? escaped() : each;
            }
            at++;
            if (at > line.length || (at < line.length && !isSpace())) {
                throw new IllegalArgumentException("its quotes do not end where a word ends");
            }
        }

        private byte escaped() {
            byte each = line[at++];
            if (each == 'x' && at + HEX_DIGITS <= line.length) {
                int high = Character.digit(line[at], 16);
                int low = Character.digit(line[at + 1], 16);
                if (high >= 0 && low >= 0) {
                    at += HEX_DIGITS;
                    return (byte) (16 * high + low);
                }
            }
            int known = ESCAPES.indexOf(each);
            return known >= 0 ? ESCAPED[known] : each;
        }

        private boolean isSpace() {
            return Character.isWhitespace(line[at]);
        }
    }
}
