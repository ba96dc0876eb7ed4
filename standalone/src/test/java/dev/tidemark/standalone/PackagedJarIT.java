package dev.tidemark.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The finished jar, as a user starts it. */
class PackagedJarIT {
    private static final Path JAR = Path.of("target", "tidemark.jar").toAbsolutePath();

    @TempDir
    private Path elsewhere;

    @Test
    void everyLibraryThatTheManifestNamesIsThereOnce() throws IOException {
        List<String> libraries;
        try (JarFile jar = new JarFile(JAR.toFile())) {
            libraries = List.of(
                    jar.getManifest().getMainAttributes().getValue("Class-Path").split(" ", -1));
        }

        assertThat(libraries).hasSizeGreaterThan(50).doesNotHaveDuplicates();
        assertThat(libraries).allMatch(each -> Files.isRegularFile(JAR.resolveSibling(each)));
    }

    @Test
    void startsFromAnywhereAndWarnsOfNothing() throws IOException, InterruptedException {
        assertThat(run("--version")).isZero();

        assertThat(elsewhere.resolve("err")).isEmptyFile();
        assertThat(elsewhere.resolve("out")).content().startsWith("tidemark ");
    }

    @Test
    void readsSettingsAndEndsWithTheCodeOfTheProblem() throws IOException, InterruptedException {
        assertThat(run("capture")).isEqualTo(2);

        assertThat(elsewhere.resolve("err")).content().contains("s3.bucket is missing");
        assertThat(elsewhere.resolve("out")).isEmptyFile();
    }

    /** As ./tidemark does it after a build. */
    @Test
    void aJvmNotesTheClassesOfShortCommandsAndStartsFromThem() throws IOException, InterruptedException {
        Path classes = elsewhere.resolve("classes.jsa");
        Path loaded = elsewhere.resolve("loaded");
        List<String> noting = List.of("-XX:ArchiveClassesAtExit=" + classes, "-cp", JAR.toString());
        List<String> noted =
                List.of("-XX:SharedArchiveFile=" + classes, "-Xlog:class+load:file=" + loaded, "-jar", JAR.toString());

        assertThat(start(noting, Rehearsal.class.getName(), elsewhere.toString()))
                .isZero();
        assertThat(start(noted, "--version")).isZero();

        assertThat(loaded)
                .content()
                .containsPattern("dev\\.tidemark\\.standalone\\.command\\.TidemarkCommand source: shared objects file");
    }

    private int run(String... arguments) throws IOException, InterruptedException {
        return start(List.of("-jar", JAR.toString()), arguments);
    }

    private int start(List<String> options, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(elsewhere.toFile())
                .redirectOutput(elsewhere.resolve("out").toFile())
                .redirectError(elsewhere.resolve("err").toFile());
        // Settings or options of whoever runs the tests are not part of them.
        builder.environment().keySet().removeIf(name -> name.startsWith("TIDEMARK_") || name.endsWith("JAVA_OPTIONS"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }
}
