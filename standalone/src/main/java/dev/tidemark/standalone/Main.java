package dev.tidemark.standalone;

import dev.tidemark.standalone.command.Invocation;
import dev.tidemark.standalone.command.TidemarkCommand;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;

/** The entry of the jar. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Invocation invocation = new Invocation(
                System.out,
                System.err,
                System.getenv(),
                Path.of("").toAbsolutePath(),
                Clock.system(ZoneId.systemDefault()));
        System.exit(TidemarkCommand.run(invocation, arguments));
    }
}
