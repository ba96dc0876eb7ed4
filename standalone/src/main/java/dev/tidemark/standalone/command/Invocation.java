package dev.tidemark.standalone.command;

import java.io.Console;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What surrounds one run of the command, handed in so that a test can give its own.
 *
 * @param console where a person sits who can be asked
 * @param clock its zone is the user's
 */
public record Invocation(
        PrintStream out,
        PrintStream err,
        Optional<Console> console,
        Map<String, String> environment,
        Path workingDirectory,
        Clock clock) {
    public Invocation {
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(err, "err");
        Objects.requireNonNull(console, "console");
        environment = Map.copyOf(environment);
        Objects.requireNonNull(workingDirectory, "workingDirectory");
        Objects.requireNonNull(clock, "clock");
    }

    /** The same, but of all that configures us these variables alone. */
    Invocation withOnly(Map<String, String> variables) {
        Map<String, String> others = new HashMap<>(environment);
        others.keySet().removeIf(name -> name.startsWith("TIDEMARK_"));
        others.putAll(variables);
        return new Invocation(out, err, console, others, workingDirectory, clock);
    }
}
