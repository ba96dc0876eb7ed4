package dev.tidemark.standalone.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.standalone.configuration.Configuration;
import dev.tidemark.standalone.demo.Demo;
import dev.tidemark.standalone.logging.Verbosity;
import dev.tidemark.standalone.times.TimeArgument;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The top of the command: options that every subcommand takes, and what they need done. */
@Command(
        name = "tidemark",
        description = "Continuous backup for Redis, restorable to any moment.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark capture                         log the changes of the Redis in ./tidemark.yml",
            "  tidemark compact --config /etc/rag.yml   write the log to S3",
            "  tidemark capture --help                  what one command takes"
        })
public final class TidemarkCommand implements Runnable {
    private static final char UNREADABLE = '\ufffd';
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .build();

    private final Invocation invocation;
    private final Stop stop;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Settings; by default $TIDEMARK_CONFIG, then ./tidemark.yml.")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            description = "text (the default) or json.")
    private OutputFormat output = OutputFormat.TEXT;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log more; twice for the libraries too.")
    private boolean[] verbose = {};

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Print where in the program an error arose.")
    private boolean stacktrace;

    private TidemarkCommand(Invocation invocation) {
        this.invocation = invocation;
        this.stop = new Stop(invocation.err());
    }

    /** Runs one command line to its end and returns the exit code. */
    public static int run(Invocation invocation, String... arguments) {
        TidemarkCommand top = new TidemarkCommand(invocation);
        FailureReport failures = new FailureReport(invocation.err(), () -> top.stacktrace);
        CommandLine line = top.commandLine(failures);
        try {
            requireReadable(arguments);
            return line.execute(arguments);
        } catch (TidemarkError unreadable) {
            return failures.report(unreadable);
        } catch (Error fatal) {
            // Out of memory and its like pass picocli's handlers by; a script still gets a line and a code.
            return failures.report(fatal);
        } finally {
            top.stop.ended();
        }
    }

    /** Java puts this letter where the locale lacks one; as a key's name it would be looked for, and not be found. */
    private static void requireReadable(String... arguments) {
        if (Stream.of(arguments).anyMatch(argument -> argument.indexOf(UNREADABLE) >= 0)) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "an argument has letters that the locale of this process lacks (%s); nothing was done. Set LC_ALL=C.UTF-8, or name a key by its bytes: %s"
                            .formatted(System.getProperty("sun.jnu.encoding"), KeyArgument.FORMS));
        }
    }

    static CommandLine describe(Invocation invocation) {
        TidemarkCommand top = new TidemarkCommand(invocation);
        return top.commandLine(new FailureReport(invocation.err(), () -> top.stacktrace));
    }

    private CommandLine commandLine(FailureReport failures) {
        CommandLine line = new CommandLine(this);
        Subcommands.all().forEach(line::addSubcommand);
        line.setOut(new PrintWriter(invocation.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(invocation.err(), true, StandardCharsets.UTF_8));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.registerConverter(URI.class, TidemarkCommand::address);
        line.setParameterExceptionHandler(failures);
        line.setExecutionExceptionHandler(failures);
        line.setExecutionStrategy(parsed -> {
            if (verbose.length > 0) {
                Verbosity.more(verbose.length);
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        HelpLayout.applyTo(line);
        return line;
    }

    /** Without what is wrong with it, which would quote it. */
    private static URI address(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException wrong) {
            throw new TypeConversionException("it is no address; for example redis://10.0.0.9:6379. A password in it is"
                    + " percent-encoded; or leave it out and name a file that holds it");
        }
    }

    /** Without a subcommand: what there is. */
    @Override
    public void run() {
        CommandLine.usage(commandLine(new FailureReport(invocation.err(), () -> stacktrace)), invocation.out());
    }

    /** The settings, checked for what the role needs. */
    Settings settings(Role role) {
        return new Configuration(invocation.workingDirectory(), invocation.environment()).load(config, role);
    }

    /** Where they come from, for commands that shall be typed later. */
    Path settingsFile() {
        return new Configuration(invocation.workingDirectory(), invocation.environment()).file(config);
    }

    /** The settings of a command that has a file of its own. */
    Settings settingsOf(Path file, Role role) {
        if (config.isPresent()) {
            throw new TidemarkError(
                    ExitCode.USAGE,
                    "this command reads %s, so --config has no place in it; nothing was started. Leave it out"
                            .formatted(file));
        }
        return new Configuration(invocation.workingDirectory(), invocation.environment()).load(Optional.of(file), role);
    }

    /** A path as the user means it. */
    Path here(Path path) {
        return invocation.workingDirectory().resolve(path);
    }

    /** The demonstration, which types commands of ours as a user would. */
    Demo demo(int chunks, boolean keep) {
        if (verbose.length == 0) {
            Verbosity.errorsOnly();
        }
        return new Demo(invocation.out(), (variables, line) -> run(invocation.withOnly(variables), line), chunks, keep);
    }

    /** Asked for before something is destroyed. */
    Consent consent() {
        return new Consent(invocation.console());
    }

    Clock clock() {
        return invocation.clock();
    }

    /** What the user means by a time; how it was read is said when it could be read otherwise. */
    TimeArgument time(String text) {
        TimeArgument time = TimeArgument.parse(
                text, invocation.clock().instant(), invocation.clock().getZone());
        if (output == OutputFormat.TEXT) {
            time.reading().ifPresent(invocation.err()::println);
        }
        return time;
    }

    /** Until it is closed, Ctrl-C and SIGTERM end the command with a statement. */
    Stop.Words onStop(Stop.LastWords lastWords) {
        return stop.guard(lastWords);
    }

    /** JSON for people, inside a text. */
    static String indented(Object json) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
        } catch (JsonProcessingException unwritable) {
            throw new IllegalStateException("the answer cannot be written as JSON", unwritable);
        }
    }

    /** Prints what was asked for, in the form that was asked for. */
    void answer(String text, Object json) {
        if (output == OutputFormat.TEXT) {
            invocation.out().println(text);
            return;
        }
        invocation.out().println(json(json));
    }

    /** As it is printed with {@code -o json}. */
    String json(Object answer) {
        try {
            return JSON.writeValueAsString(answer);
        } catch (JsonProcessingException unwritable) {
            throw new IllegalStateException("the answer cannot be written as JSON", unwritable);
        }
    }
}
