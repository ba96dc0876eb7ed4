package dev.tidemark.standalone.runbook;

import java.util.regex.Pattern;

/** A word of a command that is printed to be typed: whoever copies it into a shell gets this word, whatever is in it. */
public final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./~-]+");

    private ShellWord() {}

    public static String of(Object word) {
        String text = word.toString();
        // A ~ at its begin alone means something else to a shell.
        if (PLAIN.matcher(text).matches() && !text.startsWith("~")) {
            return text;
        }
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
