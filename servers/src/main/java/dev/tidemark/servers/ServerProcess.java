package dev.tidemark.servers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One child process: its output goes to a log, its end is certain. */
final class ServerProcess {
    private static final Duration GONE_LIMIT = Duration.ofSeconds(60);
    private static final int TAIL_BYTES_MAX = 4_000;

    private final String name;
    private final Process process;
    private final Path log;
    private volatile boolean paused;

    private ServerProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    static ServerProcess start(String name, List<String> command, Path directory, Path log) {
        Reaper reaper = Reaper.get();
        try {
            Process process = new ProcessBuilder(Reaper.detached(command))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            try {
                reaper.watchUntilItEnds(process);
            } catch (RuntimeException unwatched) {
                process.destroyForcibly();
                throw unwatched;
            }
            return new ServerProcess(name, process, log);
        } catch (IOException e) {
            throw new ServerFailure("%s cannot be started with %s".formatted(name, command), e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Alive and not paused by us. */
    boolean isRunning() {
        return isAlive() && !paused;
    }

    /** SIGSTOP; returns when the process really stands still. */
    void pause() {
        signal("STOP");
        paused = true;
        Await.until(GONE_LIMIT, () -> !isAlive() || state() == 'T', name + " stands still");
    }

    /** SIGCONT, if it was paused. */
    void resume() {
        if (paused) {
            signal("CONT");
            paused = false;
        }
    }

    /** SIGKILL; returns when the process is gone. A paused process is killed too. */
    void kill() {
        process.destroyForcibly();
        // It takes moments; an interrupt is passed on only after it, so that nobody leaves a dying server behind.
        boolean interrupted = Thread.interrupted();
        boolean gone = isGoneWithin(GONE_LIMIT);
        if (Thread.interrupted()) {
            interrupted = true;
            gone = isGoneWithin(GONE_LIMIT);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!gone) {
            throw failure("survived kill -9");
        }
    }

    /** SIGTERM, and after the time given SIGKILL. */
    void terminate(Duration patience) {
        process.destroy();
        if (!isGoneWithin(patience)) {
            kill();
        }
    }

    boolean isGoneWithin(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    /** A failure with what the server said last, which mostly is the reason. */
    ServerFailure failure(String what) {
        return new ServerFailure("%s (pid %d) %s; the end of %s:%n%s".formatted(name, pid(), what, log, logTail()));
    }

    /** Ended before it answered: for want of the port, or for a reason of its own. */
    ServerFailure ended(int port) {
        String what = "ended instead of answering on port " + port;
        boolean taken = logTail().contains("Address already in use");
        return taken ? portTaken(what) : failure(what);
    }

    ServerFailure portTaken(String what) {
        return new ServerFailure.PortTaken(failure(what).getMessage());
    }

    private String logTail() {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long start = Math.max(0, file.length() - TAIL_BYTES_MAX);
            byte[] tail = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(tail);
            return new String(tail, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    private void signal(String signal) {
        // The shell's own kill: a slim system has no other.
        List<String> command = List.of("sh", "-c", "kill -" + signal + " " + pid());
        try {
            Process shell =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            boolean ended = shell.waitFor(GONE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended || shell.exitValue() != 0) {
                shell.destroyForcibly();
                throw failure("took no SIG" + signal);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerFailure("interrupted while sending SIG" + signal + " to " + name, e);
        }
    }

    /** The letter of proc(5): T is stopped, R and S run. Where there is no /proc the signal must be believed. */
    private char state() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid()), "stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException noProc) {
            return 'T';
        }
    }
}
