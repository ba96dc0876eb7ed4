package dev.tidemark.bench;

import dev.tidemark.servers.Await;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A service of a soak, at the mercy of signals. */
final class SoakProcess implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final List<String> line;
    private final Path heap;
    private final Path log;
    private Process process;

    /** @param settings the arguments of {@link SoakMain#settings} */
    SoakProcess(String service, Path directory, String name, List<String> settings) {
        this.heap = directory.resolve(name + ".heap");
        this.log = directory.resolve(name + ".log");
        this.line = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                SoakMain.class.getName(),
                service,
                heap.toString()));
        line.addAll(settings);
        start();
    }

    void start() {
        try {
            Files.deleteIfExists(heap);
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("a service cannot be started", e);
        }
    }

    void kill() {
        process.destroyForcibly();
        Await.until(SOON, () -> !process.isAlive(), "a killed service to be gone");
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

    /** What of its heap was alive when it said so last; empty soon after its start. */
    OptionalLong heapBytes() {
        try {
            String told = Files.exists(heap) ? Files.readString(heap) : "";
            return told.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(told));
        } catch (IOException e) {
            throw new UncheckedIOException("what a service told of its heap cannot be read", e);
        }
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("a service could not be sent SIG" + name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no signal can be sent", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending a signal", e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
