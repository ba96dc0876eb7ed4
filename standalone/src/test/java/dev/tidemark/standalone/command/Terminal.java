package dev.tidemark.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Somebody types commands, which run in this JVM; what the last one printed can be read. */
public final class Terminal {
    private final Supplier<Path> directory;
    private final Clock clock;
    private final Map<String, String> environment;
    private final ByteArrayOutputStream out;
    private final ByteArrayOutputStream err;

    private Terminal(
            Supplier<Path> directory,
            Clock clock,
            Map<String, String> environment,
            ByteArrayOutputStream out,
            ByteArrayOutputStream err) {
        this.directory = directory;
        this.clock = clock;
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /** By the clock of this machine, with an empty environment. */
    public static Terminal in(Path directory) {
        return in(() -> directory);
    }

    /** The directory is asked for when a command is typed, as JUnit gives one only when the fields of a test are made. */
    public static Terminal in(Supplier<Path> directory) {
        return new Terminal(
                directory, Clock.systemUTC(), Map.of(), new ByteArrayOutputStream(), new ByteArrayOutputStream());
    }

    /** The same one by another clock: both print to the same place. */
    Terminal at(Clock another) {
        return new Terminal(directory, another, environment, out, err);
    }

    /** The same one with these variables, as they are when a command is typed: both print to the same place. */
    Terminal with(Map<String, String> variables) {
        return new Terminal(directory, clock, variables, out, err);
    }

    /** Its exit code; what it prints takes the place of what the one before printed. */
    public int run(String... arguments) {
        out.reset();
        err.reset();
        return TidemarkCommand.run(invocation(), arguments);
    }

    /** Its JSON, which must fit the published schema. */
    JsonNode answer(String command, int code, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(command));
        line.addAll(List.of(arguments));
        line.addAll(List.of("-o", "json"));
        assertThat(run(line.toArray(String[]::new))).as(this::printed).isEqualTo(code);
        assertThat(AnswerSchemas.problems(command, out())).as(out()).isEmpty();
        return AnswerSchemas.parse(out());
    }

    /** For what is asked without a command line. */
    Invocation invocation() {
        return new Invocation(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Optional.empty(),
                environment,
                directory.get(),
                clock);
    }

    /** What went to the standard output. */
    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What went to the error output. */
    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** What went to either. */
    public String printed() {
        return out() + err();
    }
}
