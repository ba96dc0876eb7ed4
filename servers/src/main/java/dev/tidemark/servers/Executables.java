package dev.tidemark.servers;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** Programs of this machine. */
final class Executables {
    private Executables() {}

    static Optional<Path> onPath(String name) {
        String directories = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Arrays.stream(directories.split(File.pathSeparator))
                .filter(directory -> !directory.isBlank())
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    static Path java() {
        return ofJava("java");
    }

    static Path keytool() {
        return ofJava("keytool");
    }

    private static Path ofJava(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name);
    }
}
