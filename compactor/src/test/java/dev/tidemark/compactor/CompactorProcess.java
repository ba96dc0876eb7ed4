package dev.tidemark.compactor;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A compactor in a JVM of its own, that can be killed and stopped like any process. */
final class CompactorProcess implements AutoCloseable {
    private final Process process;
    private final Path output;

    private CompactorProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static CompactorProcess start(Ground ground, Path output) {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                CompactorProcess.class.getName()));
        command.addAll(ground.arguments());
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                    .start();
            return new CompactorProcess(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends with its parent: standard input is a pipe from it. */
    public static void main(String[] arguments) throws Exception {
        Ground ground = Ground.of(arguments);
        try (Compactor compactor =
                Compactor.start(ground.settings(ground.source() + "-pair", Duration.ofSeconds(1), 20_000))) {
            Runtime.getRuntime().addShutdownHook(new Thread(compactor::close));
            while (System.in.read() >= 0) {
                compactor.shards();
            }
        }
    }

    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM: its hooks end it in order. */
    void terminate() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException(
                        "no signal %s for process %d: %s".formatted(name, process.pid(), Files.readString(output)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
