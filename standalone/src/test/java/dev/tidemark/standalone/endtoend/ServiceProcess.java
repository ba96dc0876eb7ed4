package dev.tidemark.standalone.endtoend;

import dev.tidemark.servers.Await;
import dev.tidemark.standalone.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A service of ours in a JVM of its own, as it runs in production, at the mercy of signals. */
final class ServiceProcess implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final String command;
    private final Path config;
    private final Path log;
    private Process process;

    ServiceProcess(String command, Path config, Path log) {
        this.command = command;
        this.config = config;
        this.log = log;
        start();
    }

    void start() {
        List<String> line = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                command,
                "--config",
                config.toString());
        try {
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // A test run that is killed must not leave services behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    void kill() {
        process.destroyForcibly();
        Await.until(SOON, () -> !process.isAlive(), command + " to be gone");
    }

    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException(command + " could not be sent SIG" + name);
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
