package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a command line says otherwise than the directory that it is to go on with. All of it is told at once. */
final class Contradictions {
    private final List<String> found = new ArrayList<>();

    /**
     * An option that is given must be what the directory says.
     *
     * @param given none for an option that is not given, which leaves it to the directory
     */
    <T> void between(String option, Optional<T> given, String key, Optional<T> said) {
        if (given.isPresent() && !given.equals(said)) {
            add(
                    option,
                    given.get(),
                    key + " is " + said.map(Contradictions::shown).orElse("not set"));
        }
    }

    void add(String option, Object given, String said) {
        found.add("%s is %s, but %s".formatted(option, shown(given), said));
    }

    /** Throws if there are any. */
    void refuse(Path directory, Path config) {
        if (found.isEmpty()) {
            return;
        }
        throw new TidemarkError(
                ExitCode.USAGE,
                "%s was begun otherwise; nothing was started, and what lies there is as it was:%n  %s%nLeave the option out to go on as before. Give another Redis or another archive a directory of its own with --data. If it is the same one at a new address, change the key in %s"
                        .formatted(directory, String.join(System.lineSeparator() + "  ", found), config));
    }

    /** An address that nobody has checked yet may hold a password. */
    private static String shown(Object value) {
        String text = value.toString();
        if (text.isEmpty()) {
            return "empty";
        }
        return text.contains("@") ? "an address with a user or password" : text;
    }
}
