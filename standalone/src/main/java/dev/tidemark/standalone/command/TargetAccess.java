package dev.tidemark.standalone.command;

import dev.tidemark.restorer.RestoreTarget;
import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import dev.tidemark.schemas.settings.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that keeps a password off the command line, the same for every command that takes an address of a Redis. */
final class TargetPassword {
    private static final String NAME = "--target-password-file";

    @Option(
            names = NAME,
            paramLabel = "FILE",
            description = "Holds the Redis's password, which then need not stand on the command line.")
    private Optional<Path> file = Optional.empty();

    RestoreTarget of(RestoreTarget target) {
        return secret().map(target::withPassword).orElse(target);
    }

    Optional<Secret> secret() {
        return file.map(path -> in(path, NAME));
    }

    /** @param option that names the file */
    static Secret in(Path file, String option) {
        try {
            return Secret.of(Files.readString(file).strip());
        } catch (IOException e) {
            throw new TidemarkError(
                    ExitCode.USAGE, "the file %s of %s cannot be read; nothing was done".formatted(file, option), e);
        }
    }
}
