package dev.tidemark.bench;

import dev.tidemark.schemas.errors.ExitCode;
import dev.tidemark.schemas.errors.TidemarkError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Trino's server as it is unpacked, and a Java that it runs on. Neither is part of the product. */
record TrinoDistribution(Path directory, Path javaHome) {
    private static final String VERSION = "476";
    private static final int JAVA_LEAST = 24;
    private static final String JAVA_SETTING = "TIDEMARK_BENCH_TRINO_JAVA_HOME";
    private static final Path USUAL_JAVAS = Path.of("/usr/lib/jvm");
    private static final Pattern JAVA_VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)[^\"]*\"");

    /** Fetches and unpacks what is not there yet: 821 MB and as much again, once. */
    static TrinoDistribution find(Consumer<String> progress) {
        Path java = findJava();
        Path unpacked = MavenArtifact.cache().resolve("trino-server-" + VERSION);
        if (!Files.exists(unpacked)) {
            Path archive = new MavenArtifact("io.trino", "trino-server", VERSION, "tar.gz").fetch(progress);
            unpack(archive, unpacked);
        }
        return new TrinoDistribution(unpacked, java);
    }

    private static void unpack(Path archive, Path unpacked) {
        Path fresh =
                unpacked.resolveSibling("unpacking-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(fresh);
            int code = new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", fresh.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException(
                        "%s could not be unpacked into %s; is there room for 1 GB?".formatted(archive, fresh));
            }
            Files.move(fresh.resolve(unpacked.getFileName()), unpacked);
            Files.delete(fresh);
            Files.delete(archive);
        } catch (IOException e) {
            throw new UncheckedIOException("no room for Trino in " + fresh, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Trino was unpacked", e);
        }
    }

    /** The one that is set, or else the first that is new enough. */
    private static Path findJava() {
        List<Path> homes = new ArrayList<>();
        Optional.ofNullable(System.getenv(JAVA_SETTING)).map(Path::of).ifPresent(homes::add);
        if (homes.isEmpty()) {
            homes.add(Path.of(System.getProperty("java.home")));
            Optional.ofNullable(System.getenv("JAVA_HOME")).map(Path::of).ifPresent(homes::add);
            if (Files.isDirectory(USUAL_JAVAS)) {
                try (Stream<Path> installed = Files.list(USUAL_JAVAS)) {
                    installed.sorted().forEach(homes::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return homes.stream()
                .filter(home -> majorVersion(home) >= JAVA_LEAST)
                .findFirst()
                .orElseThrow(() -> new TidemarkError(
                        ExitCode.USAGE,
                        "Trino %s runs on Java %d or later, and there is none among %s; nothing was measured. Install one, and say where by %s"
                                .formatted(VERSION, JAVA_LEAST, homes, JAVA_SETTING)));
    }

    /** As its file 'release' says; 0 for what is no Java. */
    static int majorVersion(Path home) {
        try {
            Matcher version = JAVA_VERSION.matcher(Files.readString(home.resolve("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException noJava) {
            return 0;
        }
    }
}
