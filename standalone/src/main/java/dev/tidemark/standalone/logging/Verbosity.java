package dev.tidemark.standalone.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** How much is logged. */
public final class Verbosity {
    private Verbosity() {}

    /** Our own steps in detail, and from twice on what the libraries do. */
    public static void more(int times) {
        ours(Level.DEBUG);
        if (times > 1) {
            context().getLogger("ROOT").setLevel(Level.INFO);
        }
    }

    /** For a command whose own words are the story. */
    public static void errorsOnly() {
        ours(Level.ERROR);
    }

    private static void ours(Level level) {
        context().getLogger("dev.tidemark").setLevel(level);
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
