package dev.tidemark.bench;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Something that a benchmark compares us with and that is no part of the product: Maven fetches it when it is first needed. */
record MavenArtifact(String group, String name, String version, String type) {
    private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

    /** Where what was fetched is kept between runs. */
    static Path cache() {
        String set = System.getenv("XDG_CACHE_HOME");
        Path root = set == null || set.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(set);
        return root.resolve("tidemark").resolve("bench");
    }

    /** The file, fetched unless it has been before. */
    Path fetch(Consumer<String> progress) {
        Path file = cache().resolve("%s-%s.%s".formatted(name, version, type));
        if (Files.exists(file)) {
            return file;
        }
        progress.accept("fetching %s by Maven; that is done once".formatted(this));
        // Elsewhere first: a fetch that was broken off must not look like one that was not.
        Path fresh = cache().resolve("unfinished-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(fresh);
            copyTo(fresh);
            Files.move(fresh.resolve(file.getFileName()), file);
            Files.delete(fresh);
        } catch (IOException e) {
            throw new UncheckedIOException("no room for %s in %s".formatted(this, cache()), e);
        }
        return file;
    }

    private void copyTo(Path directory) throws IOException {
        List<String> line =
                List.of("mvn", "--batch-mode", "--quiet", COPY, "-Dartifact=" + this, "-DoutputDirectory=" + directory);
        Path log = directory.resolve("log");
        try {
            int code = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new TidemarkError(
                        ExitCode.UNREACHABLE,
                        "Maven could not fetch %s; nothing was measured. See %s, or put the file into %s by hand and run this again"
                                .formatted(this, log, cache()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Maven fetched " + this, e);
        }
        Files.delete(log);
    }

    /** As Maven writes it. */
    @Override
    public String toString() {
        return String.join(":", group, name, version, type);
    }
}
