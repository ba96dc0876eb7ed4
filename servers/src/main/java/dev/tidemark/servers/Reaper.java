package dev.tidemark.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Kills the servers that are left when this JVM is gone, however it went.
 *
 * <p>A shell holds the other end of a pipe from us. It is told the ids of the servers; when it reads the end of the
 * pipe, we are dead, and it kills -9 what it was told of, paused or not. So a {@code kill -9} of this JVM leaves
 * nothing behind, and at an orderly exit the servers live until all other shutdown hooks are through with them (a
 * shutdown hook of ours would take the broker away from those that still want to write to it). What remains: a shell
 * that is itself killed by -9 in the same instant, as when a whole process group is.
 */
final class Reaper {
    private static final String SCRIPT = """
            trap '' HUP INT QUIT TERM
            watched=' '
            while read -r verb id; do
              case $verb in
                watch) watched="$watched$id " ;;
                forget) case $watched in *" $id "*) watched="${watched%%" $id "*} ${watched#*" $id "}" ;; esac ;;
              esac
            done
            for id in $watched; do kill -9 "$id"; done
            """;

    private static Reaper instance;

    private final OutputStream orders;

    private Reaper(OutputStream orders) {
        this.orders = orders;
    }

    static synchronized Reaper get() {
        if (instance == null) {
            instance = start();
        }
        return instance;
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
    void watchUntilItEnds(Process process) {
        order("watch", process.pid());
        process.onExit().thenRun(() -> order("forget", process.pid()));
    }

    private synchronized void order(String verb, long pid) {
        try {
            orders.write((verb + " " + pid + "\n").getBytes(StandardCharsets.US_ASCII));
            orders.flush();
        } catch (IOException e) {
            throw new ServerFailure("the reaper is gone, so servers could outlive this process; start it again", e);
        }
    }

    private static Reaper start() {
        try {
            Process shell = new ProcessBuilder(detached(List.of("sh", "-c", SCRIPT)))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new Reaper(shell.getOutputStream());
        } catch (IOException e) {
            throw new ServerFailure("cannot start 'sh', without which servers could outlive this process", e);
        }
    }
}
