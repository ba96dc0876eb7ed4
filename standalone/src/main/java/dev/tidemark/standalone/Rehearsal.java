package dev.tidemark.standalone;

import dev.tidemark.bench.DayOfChanges;
import dev.tidemark.bench.DayOfChanges.Look;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.settings.Role;
import dev.tidemark.schemas.settings.Settings;
import dev.tidemark.servers.S3Endpoint;
import dev.tidemark.standalone.command.Invocation;
import dev.tidemark.standalone.command.TidemarkCommand;
import dev.tidemark.standalone.configuration.Configuration;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The commands of somebody who looks for a time to restore, each once, in an archive of a few rows that is made for it and
 * deleted. After a build a JVM notes which classes that takes and how they lie in memory; every later command starts from
 * its note ({@code docs/decisions/0030}).
 */
final class Rehearsal {
    private static final int CHANGES = 50;

    private Rehearsal() {}

    /** Into an empty directory; its files stay there. */
    public static void main(String[] arguments) throws IOException {
        run(Path.of(arguments[0]));
    }

    static void run(Path directory) throws IOException {
        try (S3Endpoint s3 = S3Endpoint.start(S3Endpoint.Options.defaults().withDirectory(directory.resolve("s3")))) {
            Path config = Files.writeString(directory.resolve("tidemark.yml"), settings(s3));
            Settings settings = new Configuration(directory, Map.of()).load(Optional.of(config), Role.RESTORER);
            Look look = DayOfChanges.write(settings, CHANGES, 1).next();
            String at = look.at().toString();
            type(directory, "status");
            type(directory, "points");
            type(directory, "plan", "--to", at);
            type(directory, "show", look.key(), "--at", at);
            type(directory, "history", look.key());
        }
    }

    private static String settings(S3Endpoint s3) {
        return """
                source: {name: rehearsal, shards: 2}
                s3:
                  bucket: %s
                  endpoint: %s
                  path-style: true
                  access-key-id: %s
                  secret-access-key: %s
                """.formatted(s3.bucket(), s3.uri(), s3.accessKey(), s3.secretKey());
    }

    private static void type(Path directory, String... words) {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(List.of("--no-tail", "--config", "tidemark.yml"));
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        int code = TidemarkCommand.run(
                new Invocation(nowhere, System.err, Optional.empty(), Map.of(), directory, Clock.systemUTC()),
                line.toArray(String[]::new));
        // Nothing is captured any more, which 'status' is right to find fault with.
        if (code != ExitCode.DONE.number() && code != ExitCode.DEGRADED.number()) {
            throw new IllegalStateException("'%s' ended with code %d".formatted(words[0], code));
        }
    }
}
