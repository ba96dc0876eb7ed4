package dev.tidemark.standalone;

import dev.tidemark.standalone.command.Invocation;
import dev.tidemark.standalone.command.TidemarkCommand;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;

/** The entry of the jar. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // What we say is English and read by programs too, so its numbers are not written as the machine's language
        // does.
        Locale.setDefault(Locale.ROOT);
        // By default Java 22 to 24 have a console for pipes too, where nobody answers.
        System.setProperty("jdk.console", "java.base");
        Invocation invocation = new Invocation(
                System.out,
                System.err,
                Optional.ofNullable(System.console()),
                System.getenv(),
                Path.of("").toAbsolutePath(),
                Clock.system(ZoneId.systemDefault()));
        System.exit(TidemarkCommand.run(invocation, arguments));
    }
}
