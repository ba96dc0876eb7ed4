package dev.tidemark.standalone.command;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place where a failure becomes words and an exit code. */
final class FailureReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
    /** Of an address, what stands before the host; a password in it may hold any letter but a line's end. */
    private static final Pattern WHO = Pattern.compile("\\b(rediss?|https?)://.*@");

    private final PrintStream err;
    private final BooleanSupplier stacktrace;

    FailureReport(PrintStream err, BooleanSupplier stacktrace) {
        this.err = err;
        this.stacktrace = stacktrace;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        return report(failure);
    }

    @Override
    public int handleParseException(ParameterException wrongUsage, String[] arguments) {
        // The parser quotes what it was given, and an address may have a password in it.
        err.println(WHO.matcher(wrongUsage.getMessage()).replaceAll("$1://...@"));
        if (!UnmatchedArgumentException.printSuggestions(
                wrongUsage, wrongUsage.getCommandLine().getErr())) {
            err.println("Run '" + wrongUsage.getCommandLine().getCommandSpec().qualifiedName() + " --help'");
        }
        return ExitCode.USAGE.number();
    }

    int report(Throwable failure) {
        if (failure instanceof TidemarkError foreseen) {
            err.println(foreseen.getMessage());
            if (stacktrace.getAsBoolean()) {
                foreseen.printStackTrace(err);
            }
            return foreseen.code().number();
        }
        if (Stop.hasBegun() && !stacktrace.getAsBoolean()) {
            // Whoever stopped us is told how things are left, and not how what was cut short put it.
            return ExitCode.UNEXPECTED.number();
        }
        Optional<String> full = FullDisk.in(failure);
        if (full.isPresent() && !stacktrace.getAsBoolean()) {
            err.println(full.get());
            return ExitCode.UNEXPECTED.number();
        }
        if (stacktrace.getAsBoolean()) {
            failure.printStackTrace(err);
        } else {
            // Not its message: it was written by a library, for who knows whom, and may quote a key or a value.
            err.println("unexpected failure: " + failure.getClass().getName() + "; " + placeOfTrace(failure)
                    + ". It is a fault of Tidemark's; please report it");
        }
        return ExitCode.UNEXPECTED.number();
    }

    /** A temporary file is its owner's alone, unlike a log that is collected. */
    static String placeOfTrace(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        try {
            Path file = Files.createTempFile("tidemark-failure-", ".log");
            Files.writeString(file, trace.toString());
            return "details are in " + file;
        } catch (IOException full) {
            return "run it again with --stacktrace for details";
        }
    }
}
