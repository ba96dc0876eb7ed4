package dev.tidemark.standalone.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What Maven wrote about this build. */
final class Build implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"tidemark " + version() + " (Java " + Runtime.version() + ")"};
    }

    static String version() {
        Properties properties = new Properties();
        try (InputStream stream = Build.class.getResourceAsStream("build.properties")) {
            properties.load(stream);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return properties.getProperty("version");
    }
}
