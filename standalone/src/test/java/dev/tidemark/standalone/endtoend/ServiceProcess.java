package dev.tidemark.standalone.endtoend;

import dev.tidemark.servers.Await;
import dev.tidemark.standalone.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A service of ours in a JVM of its own, as it runs in production, at the mercy of signals. */
final class ServiceProcess implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final String heap;
    private final List<String> arguments;
    private final Path log;
    private Process process;

    ServiceProcess(String command, Path config, Path log) {
        this("-Xmx192m", List.of(command, "--config", config.toString()), log);
    }

    ServiceProcess(String heap, List<String> arguments, Path log) {
        this.heap = heap;
        this.arguments = List.copyOf(arguments);
        this.log = log;
        start();
    }

    void start() {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // The JVM of the tests has verified the same classes; a seventh of what a start costs.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        line.addAll(arguments);
        try {
            ProcessBuilder builder = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            // What configures the tests (TIDEMARK_MATRIX) is no key of ours, and an unknown one is refused.
            builder.environment().keySet().removeIf(name -> name.startsWith("TIDEMARK_"));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // A test run that is killed must not leave services behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    void kill() {
        process.destroyForcibly();
        Await.until(SOON, () -> !process.isAlive(), arguments + " to be gone");
    }

    /** SIGTERM; returns when it has ended by itself. */
    void terminate(Duration patience) {
        process.destroy();
        Await.until(patience, () -> !process.isAlive(), arguments + " to end; see " + log);
    }

    long pid() {
        return process.pid();
    }

    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    /** Of one that ends by itself. */
    int exitCode(Duration patience) {
        Await.until(patience, () -> !process.isAlive(), arguments + " to end; see " + log);
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException(arguments + " could not be sent SIG" + name);
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
