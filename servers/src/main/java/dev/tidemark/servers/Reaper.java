package dev.tidemark.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Kills the servers that are left when this JVM is gone, however it went.
 *
 * <p>A shell holds the other end of a pipe from us. It is told the ids of the servers; when it reads the end of the
 * pipe, we are dead, and it kills -9 what it was told of, paused or not. So a {@code kill -9} of this JVM leaves
 * nothing behind, and at an orderly exit the servers live until all other shutdown hooks are through with them (a
 * shutdown hook of ours would take the broker away from those that still want to write to it). A shell that is killed is
 * replaced at once, and the new one is told of all servers that still live. What remains: a shell that is killed by -9
 * in the same instant as this JVM.
 */
final class Reaper {
    private static final String SCRIPT = """
            trap '' HUP INT QUIT TERM
            watched=" $* "
            while read -r verb id; do
              case $verb in
                watch) watched="$watched$id " ;;
                forget) case $watched in *" $id "*) watched="${watched%%" $id "*} ${watched#*" $id "}" ;; esac ;;
              esac
            done
            for id in $watched; do kill -9 "$id"; done
            """;

    private static final Reaper INSTANCE = new Reaper();

    private final Set<Long> watched = new TreeSet<>();
    private Optional<Process> shell = Optional.empty();

    private Reaper() {}

    static Reaper get() {
        return INSTANCE;
    }

    /**
     * The command in a session of its own where the system has setsid, so that Ctrl-C on a terminal reaches only us
     * and the servers are there for as long as we want to end in good order.
     */
    static List<String> detached(List<String> command) {
        if (Executables.onPath("setsid").isEmpty()) {
            return command;
        }
        List<String> detached = new ArrayList<>(command.size() + 1);
        detached.add("setsid");
        detached.addAll(command);
        return detached;
    }

    /** An id that was given back could be somebody else's tomorrow, so it is forgotten as soon as the process ends. */
    @SuppressWarnings("FutureReturnValueIgnored") // it runs when the process ends, and nobody waits for that
    synchronized void watchUntilItEnds(Process process) {
        watched.add(process.pid());
        order("watch", process.pid());
        process.onExit().thenRun(() -> forget(process.pid()));
    }

    private synchronized void forget(long pid) {
        watched.remove(pid);
        order("forget", pid);
    }

    private void order(String verb, long pid) {
        if (shell.isEmpty() || !tell(shell.get(), verb, pid)) {
            replaceShell();
        }
    }

    private synchronized void replace(Process ended) {
        if (shell.filter(ended::equals).isPresent()) {
            replaceShell();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it runs when the shell ends, and nobody waits for that
    private void replaceShell() {
        Process fresh = start(watched);
        shell = Optional.of(fresh);
        fresh.onExit().thenRun(() -> replace(fresh));
    }

    /** Whether the shell was still there to be told. */
    private static boolean tell(Process shell, String verb, long pid) {
        try {
            OutputStream orders = shell.getOutputStream();
            orders.write((verb + " " + pid + "\n").getBytes(StandardCharsets.US_ASCII));
            orders.flush();
            return true;
        } catch (IOException gone) {
            return false;
        }
    }

    private static Process start(Set<Long> watched) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", SCRIPT, "tidemark-reaper"));
        watched.forEach(pid -> command.add(Long.toString(pid)));
        try {
            return new ProcessBuilder(detached(command))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new ServerFailure("cannot start 'sh', without which servers could outlive this process", e);
        }
    }
}
