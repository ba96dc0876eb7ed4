package dev.tidemark.standalone.command;

import dev.tidemark.restorer.plan.KeyName;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The key that a command is about. */
final class NamedKey {
    @Parameters(paramLabel = "KEY", description = "For example " + KeyArgument.FORMS + ".")
    private String key = "";

    @Option(names = "--db", paramLabel = "N", description = "Its database; 0 by default.")
    private int db;

    KeyName name() {
        return new KeyName(db, KeyArgument.parse(key));
    }
}
