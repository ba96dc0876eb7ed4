package dev.tidemark.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program in a JVM of its own, with a heap as small as promised. It is to end with its standard input. */
final class ChildJvm implements AutoCloseable {
    private static final int STOP_SECONDS = 20;
    private static final String PEAK_RSS = "VmHWM:";

    /** Before each line that is meant for us; a library may write to standard output too. */
    private static final String ANSWER = "bench: ";

    private final String what;
    private final int heapMb;
    private final Process process;
    private final BufferedReader answers;

    /**
     * Starts it.
     *
     * @param what it is, for errors
     * @param more on its class path beside what is on ours
     */
    ChildJvm(String what, Class<?> main, int heapMb, List<Path> more, List<String> arguments) {
        this(what, List.of(), main, heapMb, more, arguments);
    }

    /** @param flags of the JVM beside its heap */
    ChildJvm(String what, List<String> flags, Class<?> main, int heapMb, List<Path> more, List<String> arguments) {
        this.what = what;
        this.heapMb = heapMb;
        StringBuilder classPath = new StringBuilder(System.getProperty("java.class.path"));
        more.forEach(jar -> classPath.append(File.pathSeparator).append(jar));
        List<String> line = new ArrayList<>();
        line.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        line.addAll(flags);
        line.addAll(List.of(
                "-Xmx" + heapMb + "m", "-XX:+ExitOnOutOfMemoryError", "-cp", classPath.toString(), main.getName()));
        line.addAll(arguments);
        try {
            process = new ProcessBuilder(line)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(what + " cannot be started", e);
        }
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** What a child says to its parent. */
    static void say(String answer) {
        System.out.println(ANSWER + answer);
        System.out.flush();
    }

    /** Gives it one byte, which it takes as a request. */
    void ask() {
        try {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
        } catch (IOException e) {
            requireAlive();
            throw new UncheckedIOException(what + " does not listen", e);
        }
    }

    /** The next that it says; waits for it. */
    String hear() {
        try {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(ANSWER)) {
                    return line.substring(ANSWER.length());
                }
            }
            process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(what + " cannot be heard", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + what + " was heard", e);
        }
        requireAlive();
        throw new IllegalStateException(what + " has closed its output");
    }

    void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "%s ended with code %d: in a heap of %d MB it did not survive what was measured"
                            .formatted(what, process.exitValue(), heapMb));
        }
    }

    /** The most memory that it ever took from the system; Linux tells. */
    long peakRssBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
                if (line.startsWith(PEAK_RSS)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the memory of " + what + " cannot be told", e);
        }
        throw new IllegalStateException("this system does not tell the memory of a process");
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
